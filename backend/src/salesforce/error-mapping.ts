import {
  CrmAccessDenied,
  CrmApiDisabled,
  CrmCursorLost,
  CrmDuplicate,
  CrmFieldHidden,
  CrmInvalid,
  CrmLimitReached,
  CrmNotFound,
  CrmObjectHidden,
  CrmRefused,
  CrmSessionExpired,
  CrmUnavailable,
  type CrmProblem,
} from './errors.ts';

interface SalesforceErrorItem {
  readonly errorCode: string;
  readonly message: string;
}

/**
 * Turns an answer that is not a success into the error that says what can be done about it. Source: FACTS B, the table
 * of REST errors. The text of the answer is read for a code and for the name of a field of ours, and then dropped.
 * @param sent the request's URL or body: a field name is passed on only if we wrote it ourselves
 */
export function problemOf(status: number, body: string, sent: string): CrmProblem {
  const first = firstError(body);
  if (status === 401) return new CrmSessionExpired();
  switch (first?.errorCode ?? '') {
    case 'INVALID_SESSION_ID':
      return new CrmSessionExpired();
    case 'REQUEST_LIMIT_EXCEEDED':
      return new CrmLimitReached();
    case 'API_DISABLED_FOR_ORG':
    case 'API_CURRENTLY_DISABLED':
      return new CrmApiDisabled();
    case 'INVALID_FIELD':
      return new CrmFieldHidden(hiddenField(first?.message ?? '', sent));
    case 'INVALID_TYPE':
      return new CrmObjectHidden();
    case 'INSUFFICIENT_ACCESS':
    case 'INSUFFICIENT_ACCESS_OR_READONLY':
    case 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY':
    case 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY':
    case 'INVALID_FIELD_FOR_INSERT_UPDATE':
      return new CrmAccessDenied();
    case 'DUPLICATE_VALUE':
      return new CrmDuplicate();
    case 'NOT_FOUND':
    case 'ENTITY_IS_DELETED':
      return new CrmNotFound();
    case 'INVALID_QUERY_LOCATOR':
      return new CrmCursorLost();
    case 'QUERY_TIMEOUT':
    case 'UNABLE_TO_LOCK_ROW':
    case 'SERVER_UNAVAILABLE':
    case 'UNKNOWN_EXCEPTION':
      return new CrmUnavailable();
    default:
  }
  // Without a code of Salesforce's own the answer comes from something in front of it (HTML from a proxy, FACTS B).
  if (status === 429 || status >= 500) return new CrmUnavailable();
  if (status === 403 && first === undefined) return new CrmUnavailable();
  if (status === 404 && first === undefined) return new CrmNotFound();
  return first !== undefined && status >= 400 && status < 500 ? new CrmRefused() : new CrmInvalid();
}

function firstError(body: string): SalesforceErrorItem | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const item: unknown = Array.isArray(parsed) ? parsed[0] : undefined;
  if (typeof item !== 'object' || item === null || !('errorCode' in item) || !('message' in item)) return undefined;
  const { errorCode, message } = item;
  return typeof errorCode === 'string' && typeof message === 'string' ? { errorCode, message } : undefined;
}

/** "No such column 'Foo__c' on entity 'Account'": also what a field hidden by field-level security looks like. */
function hiddenField(message: string, sent: string): string | undefined {
  const name = /No such column '([A-Za-z][A-Za-z0-9_.]{0,254})' on/.exec(message)?.[1];
  return name !== undefined && new RegExp(`\\b${name.replaceAll('.', '\\.')}\\b`, 'i').test(sent) ? name : undefined;
}
