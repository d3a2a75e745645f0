import { ProblemError } from '../http/problem.ts';
import { Invalid } from '../http/problems.ts';

/** No, a wrong, an expired or an ended session: the one thing to do is to sign in. */
export class SessionEnded extends ProblemError {
  constructor() {
    super({
      status: 401,
      code: 'session_ended',
      action: 'sign_in',
      message: 'Your session ended. Sign in again to go on.',
    });
  }
}

export class OriginMismatch extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'origin_mismatch',
      action: 'sign_in',
      message: 'This session belongs to another Salesforce page. Sign in on this one.',
    });
  }
}

export class NotAdmin extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'not_admin',
      action: 'contact_admin',
      message: 'Only a OneShot admin can do this. Ask your Salesforce admin for the permission set OneShot Admin.',
    });
  }
}

export class ReauthenticationRequired extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'reauthentication_required',
      action: 'sign_in',
      message: 'This cannot be undone, so Salesforce has to ask you to sign in first. Sign in again, then repeat it.',
    });
  }
}

export class OriginRefused extends Invalid {
  constructor() {
    super(
      'origin',
      'lightning_origin',
      'OneShot signs in from Salesforce Lightning pages only. Open it inside Salesforce.',
    );
  }
}

export class TooManyTrips extends Invalid {
  constructor() {
    super('challenge', 'three_times', 'This window was opened too often. Close it and click again.');
  }
}

export class StateInvalid extends Invalid {
  constructor() {
    super('state', 'unknown', 'This window is over or was not opened here. Close it and click again.');
  }
}

export class CookieInvalid extends Invalid {
  constructor() {
    super(
      'cookie',
      'same_browser',
      'This window was opened in another browser, or cookies are blocked. Close it and click again.',
    );
  }
}

/** Unknown, used, expired, or with another verifier: which of them is nobody's business. */
export class CodeInvalid extends ProblemError {
  constructor(field: 'code' | 'verifier' = 'code', rule: 'one_time' | 'pattern' = 'one_time') {
    super({
      status: 400,
      code: 'invalid_code',
      field,
      rule,
      action: 'sign_in',
      message: 'This sign-in is over. Sign in again.',
    });
  }
}

export class SignInDenied extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'access_denied',
      action: 'sign_in',
      message: 'You did not allow OneShot in Salesforce. Sign in again and press Allow.',
    });
  }
}

export class LoginRestricted extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'access_denied',
      rule: 'login_restricted',
      action: 'contact_admin',
      message:
        "Salesforce does not let you sign in from this network or at this hour. Ask your Salesforce admin to check, in Setup, Profiles, your profile's Login IP Ranges and Login Hours.",
    });
  }
}

export class OrgLocked extends ProblemError {
  constructor(isSandbox: boolean) {
    super({
      status: 403,
      code: 'access_denied',
      rule: 'org_locked',
      action: 'contact_admin',
      message: isSandbox
        ? 'Salesforce has locked or deleted this sandbox. Ask your Salesforce admin to look at it in the Setup of production, Sandboxes.'
        : 'Salesforce has locked or closed your org. Ask your Salesforce admin to contact Salesforce.',
    });
  }
}

/** Salesforce refuses for a while: nothing is wrong that a person could mend. */
export class TooManyLogins extends ProblemError {
  constructor(rule: 'too_many_logins' | 'salesforce_away' = 'too_many_logins') {
    super({
      status: 503,
      code: 'crm_unavailable',
      rule,
      action: 'retry',
      retryAfter: rule === 'too_many_logins' ? 60 : 5,
      message:
        rule === 'too_many_logins'
          ? 'Salesforce saw too many sign-ins of yours within an hour. Wait a few minutes, then sign in again.'
          : 'Salesforce did not answer. Try again in a moment.',
    });
  }
}

const ALLOW =
  'in Setup, External Client App Manager, OneShot, Policies, choose "Admin approved users are pre-authorized" and add the permission sets OneShot Rep and OneShot Admin';

/** Where it is not installed, and where a user may only use the API through approved apps: Salesforce says the same. */
export class AppNotInstalled extends ProblemError {
  constructor(isSandbox: boolean) {
    super({
      status: 403,
      code: 'app_not_installed',
      rule: isSandbox ? 'sandbox' : 'production',
      action: 'contact_admin',
      message: isSandbox
        ? `OneShot is not installed in this sandbox, or your user may not use it. A sandbox has its own apps, and a refresh takes those away that production does not have. Ask your Salesforce admin to install OneShot in this sandbox (after a refresh: again), then, ${ALLOW}.`
        : `OneShot is not installed in your Salesforce org, or your user may not use it. Ask your Salesforce admin to install OneShot (Setup, Installed Packages), then, ${ALLOW}.`,
    });
  }
}

export class AppBlocked extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'app_not_approved',
      rule: 'blocked',
      action: 'contact_admin',
      message:
        'Your Salesforce admin has blocked OneShot. Ask them to open Setup, Connected Apps OAuth Usage, and press Unblock beside OneShot.',
    });
  }
}

export class AppNotApproved extends ProblemError {
  constructor(isSandbox: boolean) {
    super({
      status: 403,
      code: 'app_not_approved',
      rule: isSandbox ? 'sandbox' : 'production',
      action: 'contact_admin',
      message: `Your Salesforce admin has not approved OneShot for you${isSandbox ? ' in this sandbox, whose approvals are its own' : ''}. Ask them to assign you the permission set OneShot Rep and, ${ALLOW}; then try again.`,
    });
  }
}

/** What is wrong with the app's own set-up, in Salesforce's words for it (FACTS A). */
export type AppMisconfiguration =
  | 'invalid_client_id'
  | 'invalid_client'
  | 'redirect_uri_mismatch'
  | 'redirect_uri_missing'
  | 'invalid_scope'
  | 'unsupported_response_type'
  | 'invalid_request';

/** The app and this backend do not fit together: for whoever runs the app, an admin or us. */
export class AppMisconfigured extends ProblemError {
  constructor(error: AppMisconfiguration, redirectUri: string) {
    super({
      status: 502,
      code: 'crm_invalid',
      rule: error,
      action: 'contact_admin',
      message: `OneShot's External Client App does not fit this backend. ${misconfigured(error, redirectUri)}`,
    });
  }
}

function misconfigured(error: AppMisconfiguration, redirectUri: string): string {
  const where = 'Setup, External Client App Manager, OneShot, Settings, OAuth Settings';
  switch (error) {
    case 'invalid_client_id':
      return `This org does not know its consumer key. Compare the key in ${where} with the backend's SALESFORCE_CLIENT_ID; after a sandbox refresh the app has to be installed again.`;
    case 'invalid_client':
      return `The consumer secret is another one. Set the backend's SALESFORCE_CLIENT_SECRET to the secret in ${where}.`;
    case 'redirect_uri_mismatch':
    case 'redirect_uri_missing':
      return `The callback URL is another one. It must be exactly ${redirectUri} in ${where}.`;
    case 'invalid_scope':
      return `A scope is missing. Select api, openid, id and custom_permissions in ${where}.`;
    case 'unsupported_response_type':
      return `The web server flow is off. Enable the authorization code flow in ${where}.`;
    case 'invalid_request':
      return `A flow setting is off. Require Proof Key for Code Exchange (PKCE) and the secret for the web server flow in ${where}.`;
  }
}

export class UserInactive extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'user_inactive',
      action: 'contact_admin',
      message:
        'Your Salesforce user is not active. Ask your Salesforce admin to activate it: Setup, Users, your name, Edit, Active.',
    });
  }
}

export class PermissionMissing extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'permission_missing',
      action: 'contact_admin',
      message:
        "You don't have OneShot yet. Ask your Salesforce admin for the permission set OneShot Rep, then try again.",
    });
  }
}

export class RegionUnreadable extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'region_unreadable',
      action: 'contact_admin',
      message:
        "OneShot cannot read where your company's data lives, so nothing was saved. Ask your Salesforce admin to check the OneShot home region and your read access to it.",
    });
  }
}

export class WrongRegion extends ProblemError {
  constructor(label: string, url: string) {
    super({
      status: 421,
      code: 'wrong_region',
      url,
      message: `Your company's data lives in ${label}. Nothing was saved here. Continue in ${label}.`,
    });
  }
}
