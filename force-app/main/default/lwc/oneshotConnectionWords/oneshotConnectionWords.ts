import type { Connection, ConnectionStatus, Problem, ProviderName, Revocation } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import accessDenied from '@salesforce/label/c.Connection_Denied';
import accountClosed from '@salesforce/label/c.Connection_Ended_Account';
import askAdmin from '@salesforce/label/c.Connection_Ask_Admin';
import blocked from '@salesforce/label/c.Connection_Blocked';
import blockedByAdmin from '@salesforce/label/c.Connection_Ended_Admin';
import channelOff from '@salesforce/label/c.Connection_Channel_Off';
import clickAgain from '@salesforce/label/c.Connection_Click_Again';
import clientChanged from '@salesforce/label/c.Connection_Ended_Client';
import conditionalAccess from '@salesforce/label/c.Connection_Ended_Rule';
import connected from '@salesforce/label/c.Connection_Connected';
import disconnecting from '@salesforce/label/c.Disconnecting';
import expired from '@salesforce/label/c.Connection_Ended_Expired';
import failed from '@salesforce/label/c.Connection_Revocation_Failed';
import finishing from '@salesforce/label/c.Connection_Finishing';
import interrupted from '@salesforce/label/c.Connection_Ended_Interrupted';
import invalidCode from '@salesforce/label/c.Connection_Invalid_Code';
import keyEdited from '@salesforce/label/c.Connection_Key_Edited';
import keyMissing from '@salesforce/label/c.Connection_Key_Missing';
import keyRemoved from '@salesforce/label/c.Connection_Key_Removed';
import keyUnreadable from '@salesforce/label/c.Connection_Key_Unreadable';
import moment from '@salesforce/label/c.Connection_Moment';
import noEndpoint from '@salesforce/label/c.Connection_Revocation_None';
import notConnected from '@salesforce/label/c.Connection_None';
import notOffered from '@salesforce/label/c.Connection_Not_Offered';
import otherAccount from '@salesforce/label/c.Connection_Other_Account';
import passwordChanged from '@salesforce/label/c.Connection_Ended_Password';
import popupBlocked from '@salesforce/label/c.Connection_Popup_Blocked';
import providerAway from '@salesforce/label/c.Connection_Provider_Away';
import reconnect from '@salesforce/label/c.Connection_Reconnect';
import refreshing from '@salesforce/label/c.Connection_Refreshing';
import restored from '@salesforce/label/c.Connection_Restored';
import revoked from '@salesforce/label/c.Connection_Revoked';
import scopeMissing from '@salesforce/label/c.Connection_Scope_Missing';
import scopeMissingSequences from '@salesforce/label/c.Connection_Scope_Missing_Sequences';
import secondFactor from '@salesforce/label/c.Connection_Ended_Factor';
import sendOnly from '@salesforce/label/c.Connection_Send_Only';
import sequences from '@salesforce/label/c.Connection_Sequences';
import ended from '@salesforce/label/c.Connection_Ended';
import untilAdmin from '@salesforce/label/c.Connection_Waiting_Why';
import unused from '@salesforce/label/c.Connection_Ended_Unused';
import waiting from '@salesforce/label/c.Connection_Waiting';
import windowOpen from '@salesforce/label/c.Connection_Window_Open';

/** What a provider is called, who runs it, and where a person ends an access by hand. */
interface Provider {
  name: string;
  company: string;
  icon: string;
  can: string;
  /** Where people see what they let in; Outreach leaves that to its admins. */
  grantsUrl?: string;
}

const providers: Record<ProviderName, Provider> = {
  gmail: {
    name: 'Gmail',
    company: 'Google',
    icon: 'standard:email',
    can: sendOnly,
    grantsUrl: 'https://myaccount.google.com/connections',
  },
  outlook: {
    name: 'Outlook',
    company: 'Microsoft',
    icon: 'standard:inbox',
    can: sendOnly,
    grantsUrl: 'https://myapplications.microsoft.com/',
  },
  outreach: { name: 'Outreach', company: 'Outreach', icon: 'standard:sales_cadence', can: sequences },
};

export function providerOf(name: ProviderName): Provider {
  return providers[name];
}

/** A state in words, and the icon that stands beside them. */
export const statusOf: Record<ConnectionStatus, { text: string; icon: string; variant: string }> = {
  connected: { text: connected, icon: 'utility:success', variant: 'success' },
  refreshing: { text: refreshing, icon: 'utility:sync', variant: 'success' },
  reconnect: { text: reconnect, icon: 'utility:warning', variant: 'warning' },
  waiting_for_admin: { text: waiting, icon: 'utility:clock', variant: '' },
  blocked: { text: blocked, icon: 'utility:error', variant: 'error' },
  not_connected: { text: notConnected, icon: 'utility:unlinked', variant: '' },
};

/** Reasons of the contract -> why it is so, and who does what. */
const reasons = new Map(
  Object.entries({
    account_closed: accountClosed,
    admin_consent_required: untilAdmin,
    blocked_by_admin: blockedByAdmin,
    channel_off: channelOff,
    client_changed: clientChanged,
    conditional_access: conditionalAccess,
    expired,
    key_edited: keyEdited,
    key_removed: keyRemoved,
    key_unreadable: keyUnreadable,
    mfa_required: secondFactor,
    not_offered: notOffered,
    password_changed: passwordChanged,
    refresh_interrupted: interrupted,
    restored,
    revoked: ended,
    scope_missing: scopeMissing,
    unused,
  }),
);

/** Sending is what a mailbox is asked for, sequences are what Outreach is asked for. */
function worded(label: string, provider: ProviderName): string {
  const isAboutSequences = label === scopeMissing && provider === 'outreach';
  return fill(isAboutSequences ? scopeMissingSequences : label, providers[provider].company);
}

/** Why a connection is not usable, and what to do; empty where there is nothing to say. */
export function whyOf({ provider, status, reason }: Connection): string {
  const words = reason === null ? undefined : reasons.get(reason);
  if (status === 'waiting_for_admin') return worded(untilAdmin, provider);
  if (status === 'reconnect' || status === 'blocked') return worded(words ?? ended, provider);
  return status === 'not_connected' && words !== undefined ? worded(words, provider) : '';
}

const problems = new Map(
  Object.entries({
    access_denied: accessDenied,
    invalid_code: invalidCode,
    key_object_missing: keyMissing,
    other_account: otherAccount,
    popup_blocked: popupBlocked,
    provider_invalid: providerAway,
    provider_unavailable: providerAway,
    scope_missing: scopeMissing,
    waiting_for_admin: untilAdmin,
  }),
);

/** What went wrong on the way to a provider: in its name, for what Salesforce's window would say otherwise. */
export function problemOf(problem: Problem, provider: ProviderName): string {
  const reason = problem.reasons.map((code) => reasons.get(code)).find((words) => words !== undefined);
  const words = reason ?? problems.get(problem.code);
  return words === undefined ? messageOf(problem) : worded(words, provider);
}

const revocations: Record<Revocation, string> = { revoked, no_endpoint: noEndpoint, failed };

/** What a disconnect did at the provider, and what is left for the rep to do there. */
export function revocationOf(revocation: Revocation, provider: ProviderName): string {
  const { company, grantsUrl } = providers[provider];
  const text = fill(revocations[revocation], company);
  return revocation === 'revoked' || grantsUrl !== undefined ? text : `${text} ${fill(askAdmin, company)}`;
}

const doings = { waiting: windowOpen, finishing, disconnecting };

/** What goes on with a connection. The window is the company's, the rest is said of the product. */
export function doingOf(doing: keyof typeof doings, provider: ProviderName): string {
  const { name, company } = providers[provider];
  return fill(doings[doing], doing === 'waiting' ? company : name);
}

/** What a rep is told whose click found the provider's address not ready: wait, or click once more. */
export function clickAgainOf(isReady: boolean): string {
  return isReady ? clickAgain : moment;
}
