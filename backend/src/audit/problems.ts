import { ProblemError } from '../http/problem.ts';

/** Heads cannot be kept in this org's Salesforce: the package there is older, or this admin may not add one. */
export class HeadObjectMissing extends ProblemError {
  constructor() {
    super({
      status: 409,
      code: 'setup_missing',
      action: 'contact_admin',
      message:
        'Your Salesforce has no OneShot Audit Head that you may add. Upgrade the OneShot package, then assign the permission set OneShot Admin to yourself.',
    });
  }
}

/** Salesforce took the record and does not show it as it was written. */
export class KeptHeadUnreadable extends ProblemError {
  constructor() {
    super({
      status: 502,
      code: 'crm_invalid',
      action: 'retry',
      message: 'Salesforce took the head and does not show it. Look at the OneShot Audit Heads there, then try again.',
    });
  }
}
