import type { Problem } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import keyMissing from '@salesforce/label/c.Connection_Key_Missing';
import accessDenied from '@salesforce/label/c.Problem_Access_Denied';
import accountMismatch from '@salesforce/label/c.Problem_Account_Mismatch';
import apiDisabled from '@salesforce/label/c.Problem_Api_Disabled';
import appBlocked from '@salesforce/label/c.Problem_App_Blocked';
import appMisconfigured from '@salesforce/label/c.Problem_App_Misconfigured';
import appNotApproved from '@salesforce/label/c.Problem_App_Not_Approved';
import appNotInstalled from '@salesforce/label/c.Problem_App_Not_Installed';
import appSandbox from '@salesforce/label/c.Problem_App_Sandbox';
import approvalSandbox from '@salesforce/label/c.Problem_Approval_Sandbox';
import badAnswer from '@salesforce/label/c.Problem_Bad_Answer';
import bodyTooLarge from '@salesforce/label/c.Problem_Body_Too_Large';
import cannotEmail from '@salesforce/label/c.Problem_Cannot_Email';
import channelOff from '@salesforce/label/c.Problem_Channel_Off';
import connectionBlocked from '@salesforce/label/c.Problem_Connection_Blocked';
import crmDuplicate from '@salesforce/label/c.Problem_Crm_Duplicate';
import crmLimit from '@salesforce/label/c.Problem_Crm_Limit';
import crmUnavailable from '@salesforce/label/c.Problem_Crm_Unavailable';
import dailyLimit from '@salesforce/label/c.Problem_Daily_Limit';
import fieldHidden from '@salesforce/label/c.Problem_Field_Hidden';
import footerMissing from '@salesforce/label/c.Problem_Footer';
import idempotencyMismatch from '@salesforce/label/c.Problem_Idempotency_Mismatch';
import inProgress from '@salesforce/label/c.Problem_In_Progress';
import invalid from '@salesforce/label/c.Problem_Invalid';
import invalidCode from '@salesforce/label/c.Problem_Invalid_Code';
import loginRestricted from '@salesforce/label/c.Problem_Login_Restricted';
import network from '@salesforce/label/c.Problem_Network';
import notAdmin from '@salesforce/label/c.Problem_Not_Admin';
import notFound from '@salesforce/label/c.Problem_Not_Found';
import notPayingField from '@salesforce/label/c.Problem_Not_Paying_Field';
import notReady from '@salesforce/label/c.Problem_Not_Ready';
import optedOut from '@salesforce/label/c.Problem_Opted_Out';
import orgLocked from '@salesforce/label/c.Problem_Org_Locked';
import originRefused from '@salesforce/label/c.Problem_Origin';
import otherAccount from '@salesforce/label/c.Problem_Other_Account';
import permissionMissing from '@salesforce/label/c.Problem_Permission_Missing';
import popupBlocked from '@salesforce/label/c.Problem_Popup_Blocked';
import providerAway from '@salesforce/label/c.Problem_Provider_Away';
import providerInvalid from '@salesforce/label/c.Problem_Provider_Invalid';
import providerLimit from '@salesforce/label/c.Problem_Provider_Limit';
import providerRefused from '@salesforce/label/c.Problem_Provider_Refused';
import reauthentication from '@salesforce/label/c.Problem_Reauthentication';
import reconnect from '@salesforce/label/c.Problem_Reconnect';
import reference from '@salesforce/label/c.Problem_Reference';
import regionUnreadable from '@salesforce/label/c.Problem_Region_Unreadable';
import sendingPaused from '@salesforce/label/c.Problem_Sending_Paused';
import sessionEnded from '@salesforce/label/c.Problem_Session_Ended';
import setupMissing from '@salesforce/label/c.Problem_Setup_Missing';
import timeout from '@salesforce/label/c.Problem_Timeout';
import tooMany from '@salesforce/label/c.Problem_Too_Many';
import tooManyLogins from '@salesforce/label/c.Problem_Too_Many_Logins';
import unavailable from '@salesforce/label/c.Problem_Unavailable';
import unknown from '@salesforce/label/c.Problem_Unknown';
import userInactive from '@salesforce/label/c.Problem_User_Inactive';
import versionConflict from '@salesforce/label/c.Problem_Version_Conflict';
import waitingForAdmin from '@salesforce/label/c.Problem_Waiting_For_Admin';
import wrongRegion from '@salesforce/label/c.Problem_Wrong_Region';
import asia from '@salesforce/label/c.Region_asia';
import elsewhere from '@salesforce/label/c.Region_elsewhere';
import eu from '@salesforce/label/c.Region_eu';
import us from '@salesforce/label/c.Region_us';
import sequenceMissing from '@salesforce/label/c.Sequence_Gone';
import sequenceLocked from '@salesforce/label/c.Sequence_Locked';
import mailboxCannotSend from '@salesforce/label/c.Sequence_Mailbox_Cannot';
import mailboxMissing from '@salesforce/label/c.Sequence_Mailbox_Gone';
import sequenceDisabled from '@salesforce/label/c.Sequence_Off';

/** Codes of the contract and of the browser -> who must do what. */
const byCode = new Map(
  Object.entries({
    access_denied: accessDenied,
    account_mismatch: accountMismatch,
    api_disabled: apiDisabled,
    app_not_approved: appNotApproved,
    app_not_installed: appNotInstalled,
    bad_answer: badAnswer,
    body_too_large: bodyTooLarge,
    cannot_email: cannotEmail,
    channel_off: channelOff,
    client_gone: unknown,
    connection_blocked: connectionBlocked,
    crm_duplicate: crmDuplicate,
    crm_field_hidden: fieldHidden,
    crm_invalid: crmUnavailable,
    crm_limit: crmLimit,
    crm_session_expired: sessionEnded,
    crm_unavailable: crmUnavailable,
    daily_limit: dailyLimit,
    database_unavailable: unavailable,
    footer_missing: footerMissing,
    idempotency_mismatch: idempotencyMismatch,
    in_progress: inProgress,
    internal: unknown,
    invalid_code: invalidCode,
    key_object_missing: keyMissing,
    keys_unavailable: unavailable,
    mailbox_cannot_send: mailboxCannotSend,
    mailbox_missing: mailboxMissing,
    network,
    no_mailbox: reconnect,
    not_admin: notAdmin,
    not_connected: reconnect,
    not_found: notFound,
    not_ready: notReady,
    opted_out: optedOut,
    origin_mismatch: originRefused,
    other_account: otherAccount,
    permission_missing: permissionMissing,
    popup_blocked: popupBlocked,
    provider_invalid: providerInvalid,
    provider_limit: providerLimit,
    provider_refused: providerRefused,
    provider_unavailable: providerAway,
    reauthentication_required: reauthentication,
    reconnect_required: reconnect,
    region_unreadable: regionUnreadable,
    scope_missing: reconnect,
    sending_paused: sendingPaused,
    sequence_disabled: sequenceDisabled,
    sequence_locked: sequenceLocked,
    sequence_missing: sequenceMissing,
    session_ended: sessionEnded,
    setup_missing: setupMissing,
    timeout,
    too_many_requests: tooMany,
    unsupported_media_type: unknown,
    user_inactive: userInactive,
    version_conflict: versionConflict,
    waiting_for_admin: waitingForAdmin,
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
