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
      message:
        'This cannot be undone, so Salesforce has to ask for your password first. Sign in again, then repeat it.',
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
  constructor() {
    super({
      status: 400,
      code: 'invalid_code',
      field: 'code',
      rule: 'one_time',
      action: 'sign_in',
      message: 'This sign-in is over. Sign in again.',
    });
  }
}

export class SignInDenied extends ProblemError {
  constructor(
    message = 'You did not allow OneShot in Salesforce. Sign in again and press Allow.',
    action: 'sign_in' | 'contact_admin' = 'sign_in',
  ) {
    super({ status: 403, code: 'access_denied', action, message });
  }
}

export class AppNotInstalled extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'app_not_installed',
      action: 'contact_admin',
      message:
        'OneShot is not installed in your Salesforce org, or your user may not use it. Ask your Salesforce admin to install OneShot and to allow it for you.',
    });
  }
}

export class AppNotApproved extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'app_not_approved',
      action: 'contact_admin',
      message: 'Your Salesforce admin has not approved OneShot for you. Ask them to approve it, then try again.',
    });
  }
}

export class UserInactive extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'user_inactive',
      action: 'contact_admin',
      message: 'Your Salesforce user is not active. Ask your Salesforce admin to activate it.',
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
