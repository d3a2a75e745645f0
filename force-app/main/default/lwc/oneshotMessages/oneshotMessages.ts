import type { Problem } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import accessDenied from '@salesforce/label/c.Problem_Access_Denied';
import apiDisabled from '@salesforce/label/c.Problem_Api_Disabled';
import appNotApproved from '@salesforce/label/c.Problem_App_Not_Approved';
import appBlocked from '@salesforce/label/c.Problem_App_Blocked';
import appMisconfigured from '@salesforce/label/c.Problem_App_Misconfigured';
import appNotInstalled from '@salesforce/label/c.Problem_App_Not_Installed';
import asia from '@salesforce/label/c.Region_asia';
import badAnswer from '@salesforce/label/c.Problem_Bad_Answer';
import cannotEmail from '@salesforce/label/c.Problem_Cannot_Email';
import channelOff from '@salesforce/label/c.Problem_Channel_Off';
import crmLimit from '@salesforce/label/c.Problem_Crm_Limit';
import crmUnavailable from '@salesforce/label/c.Problem_Crm_Unavailable';
import dailyLimit from '@salesforce/label/c.Problem_Daily_Limit';
import elsewhere from '@salesforce/label/c.Region_elsewhere';
import eu from '@salesforce/label/c.Region_eu';
import fieldHidden from '@salesforce/label/c.Problem_Field_Hidden';
import footerMissing from '@salesforce/label/c.Problem_Footer';
import invalidCode from '@salesforce/label/c.Problem_Invalid_Code';
import network from '@salesforce/label/c.Problem_Network';
import notFound from '@salesforce/label/c.Problem_Not_Found';
import notReady from '@salesforce/label/c.Problem_Not_Ready';
import originRefused from '@salesforce/label/c.Problem_Origin';
import permissionMissing from '@salesforce/label/c.Problem_Permission_Missing';
import popupBlocked from '@salesforce/label/c.Problem_Popup_Blocked';
import providerAway from '@salesforce/label/c.Problem_Provider_Away';
import providerLimit from '@salesforce/label/c.Problem_Provider_Limit';
import providerRefused from '@salesforce/label/c.Problem_Provider_Refused';
import reconnect from '@salesforce/label/c.Problem_Reconnect';
import reference from '@salesforce/label/c.Problem_Reference';
import regionUnreadable from '@salesforce/label/c.Problem_Region_Unreadable';
import sessionEnded from '@salesforce/label/c.Problem_Session_Ended';
import setupMissing from '@salesforce/label/c.Problem_Setup_Missing';
import timeout from '@salesforce/label/c.Problem_Timeout';
import tooMany from '@salesforce/label/c.Problem_Too_Many';
import unavailable from '@salesforce/label/c.Problem_Unavailable';
import unknown from '@salesforce/label/c.Problem_Unknown';
import us from '@salesforce/label/c.Region_us';
import appSandbox from '@salesforce/label/c.Problem_App_Sandbox';
import approvalSandbox from '@salesforce/label/c.Problem_Approval_Sandbox';
import invalid from '@salesforce/label/c.Problem_Invalid';
import loginRestricted from '@salesforce/label/c.Problem_Login_Restricted';
import notAdmin from '@salesforce/label/c.Problem_Not_Admin';
import notPayingField from '@salesforce/label/c.Problem_Not_Paying_Field';
import orgLocked from '@salesforce/label/c.Problem_Org_Locked';
import reauthentication from '@salesforce/label/c.Problem_Reauthentication';
import tooManyLogins from '@salesforce/label/c.Problem_Too_Many_Logins';
import userInactive from '@salesforce/label/c.Problem_User_Inactive';
import wrongRegion from '@salesforce/label/c.Problem_Wrong_Region';

/** Codes of the contract and of the browser -> who must do what. */
const byCode = new Map(
  Object.entries({
    access_denied: accessDenied,
    api_disabled: apiDisabled,
    app_not_approved: appNotApproved,
    app_not_installed: appNotInstalled,
    bad_answer: badAnswer,
    cannot_email: cannotEmail,
    channel_off: channelOff,
    connection_blocked: reconnect,
    crm_field_hidden: fieldHidden,
    crm_invalid: crmUnavailable,
    crm_limit: crmLimit,
    crm_session_expired: sessionEnded,
    crm_unavailable: crmUnavailable,
    daily_limit: dailyLimit,
    database_unavailable: unavailable,
    footer_missing: footerMissing,
    invalid_code: invalidCode,
    network,
    not_admin: notAdmin,
    no_mailbox: reconnect,
    not_connected: reconnect,
    not_found: notFound,
    not_ready: notReady,
    origin_mismatch: originRefused,
    permission_missing: permissionMissing,
    popup_blocked: popupBlocked,
    reauthentication_required: reauthentication,
    provider_limit: providerLimit,
    provider_refused: providerRefused,
    provider_unavailable: providerAway,
    reconnect_required: reconnect,
    region_unreadable: regionUnreadable,
    scope_missing: reconnect,
    session_ended: sessionEnded,
    setup_missing: setupMissing,
    timeout,
    user_inactive: userInactive,
    wrong_region: wrongRegion,
  }),
);

/** Where the rule says more than the code: the same error, with other steps. */
const byRule = new Map(
  Object.entries({
    'app_not_installed/sandbox': appSandbox,
    'app_not_approved/blocked': appBlocked,
    'app_not_approved/sandbox': approvalSandbox,
    'access_denied/login_restricted': loginRestricted,
    'access_denied/org_locked': orgLocked,
    'crm_unavailable/too_many_logins': tooManyLogins,
    'invalid/filterable_number': notPayingField,
    'invalid/field_name': notPayingField,
  }),
);

const regionNames = new Map(Object.entries({ us, eu, asia }));

/** A region in the user's language. @param name as in the list of regions; null where it is not in the list */
export function regionLabel(name: string | null): string {
  return name === null ? elsewhere : (regionNames.get(name) ?? name);
}

/**
 * The words for a problem: who must do what, in the user's language.
 * @param region the region that `wrong_region` points to, by name
 */
export function messageOf(problem: Problem, region: string | null = null): string {
  // A proxy's page in place of our answer means the same to a rep: away.
  const isAway = problem.code === 'bad_answer' && problem.status >= 500;
  const known = isAway
    ? unavailable
    : (byRule.get(`${problem.code}/${problem.rule ?? ''}`) ?? byCode.get(problem.code));
  // The app's own set-up is wrong: the rule is Salesforce's word for it, which the guide explains.
  if (problem.code === 'crm_invalid' && problem.rule !== undefined) return fill(appMisconfigured, problem.rule);
  if (problem.code === 'invalid' && known === undefined) return fill(invalid, problem.field ?? '');
  if (known !== undefined) {
    return fill(known, problem.code === 'wrong_region' ? regionLabel(region) : (problem.field ?? ''));
  }
  if (problem.status === 429) return tooMany;
  if (problem.status === 502 || problem.status === 503) return unavailable;
  return unknown;
}

/** What support needs to find the case: an opaque id. Empty where the backend was never reached. */
export function referenceOf(problem: Problem): string {
  return problem.requestId === undefined ? '' : fill(reference, problem.requestId);
}
