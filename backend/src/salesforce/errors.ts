import { ProblemError } from '../http/problem.ts';

/**
 * What Salesforce can answer, one class for each thing that can be done about it. None of them carries text from
 * Salesforce: its messages quote queries, ids and values of the CRM.
 */
export class CrmSessionExpired extends ProblemError {
  constructor() {
    super({
      status: 401,
      code: 'crm_session_expired',
      action: 'sign_in',
      message: 'Salesforce ended your session. Sign in again to go on.',
    });
  }
}

export class CrmFieldHidden extends ProblemError {
  /** @param fieldName API name as our own query named it; left out where Salesforce named none of ours */
  constructor(fieldName?: string) {
    super({
      status: 409,
      code: 'crm_field_hidden',
      action: 'contact_admin',
      ...(fieldName === undefined ? {} : { field: fieldName }),
      message:
        fieldName === undefined
          ? 'You cannot see a field in Salesforce that OneShot needs. Ask your Salesforce admin for read access to it.'
          : `You cannot see the field ${fieldName} in Salesforce. Ask your Salesforce admin for read access to it.`,
    });
  }
}

export class CrmObjectHidden extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'permission_missing',
      action: 'contact_admin',
      message:
        'You cannot see an object in Salesforce that OneShot needs. Ask your Salesforce admin for the permission set OneShot Rep.',
    });
  }
}

export class CrmAccessDenied extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'permission_missing',
      action: 'contact_admin',
      message:
        'Salesforce did not allow this for your user. Ask your Salesforce admin for the permission set OneShot Rep.',
    });
  }
}

export class CrmApiDisabled extends ProblemError {
  constructor() {
    super({
      status: 403,
      code: 'api_disabled',
      action: 'contact_admin',
      message:
        'Your company has switched off API access for your user or org. Ask your Salesforce admin to allow API access.',
    });
  }
}

export class CrmLimitReached extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'crm_limit',
      action: 'contact_admin',
      retryAfter: 300,
      message: "Your company has used up today's Salesforce API calls. Try again later, or ask your Salesforce admin.",
    });
  }
}

export class CrmUnavailable extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'crm_unavailable',
      action: 'retry',
      retryAfter: 5,
      message: 'Salesforce did not answer. Try again in a moment.',
    });
  }
}

/** Salesforce forgot the cursor of a query (INVALID_QUERY_LOCATOR): start the query again. */
export class CrmCursorLost extends CrmUnavailable {}

export class CrmInvalid extends ProblemError {
  constructor() {
    super({
      status: 502,
      code: 'crm_invalid',
      action: 'retry',
      message:
        'Salesforce sent an answer that OneShot cannot read. Try again; if it stays, tell your Salesforce admin.',
    });
  }
}

/** Salesforce named a rule of its own that we do not know (a validation rule, a required field): nothing was done. */
export class CrmRefused extends CrmInvalid {}

/** A unique field holds this value already, perhaps in a record that the rep may not see. */
export class CrmDuplicate extends ProblemError {
  constructor() {
    super({ status: 409, code: 'crm_duplicate', message: 'Salesforce holds a record with this value already.' });
  }
}

/** The record does not exist, or this rep may not see it: Salesforce tells the two apart for nobody (FACTS B). */
export class CrmNotFound extends ProblemError {
  constructor() {
    super({ status: 404, code: 'not_found', message: 'There is no such record, or you may not see it.' });
  }
}

export type CrmProblem =
  | CrmSessionExpired
  | CrmFieldHidden
  | CrmObjectHidden
  | CrmAccessDenied
  | CrmApiDisabled
  | CrmLimitReached
  | CrmUnavailable
  | CrmInvalid
  | CrmDuplicate
  | CrmNotFound;
