import type { Credentials } from './call';
import { send } from './http';
import { Problem } from './problem';
import { SHORT_MS, shaped } from './shape';
import type { AccountDetail, AccountPage, AccountQuery, Freshness, Me, TokenAnswer } from './types';

export * from './admin';
export { type Activity, type ActivityQuery, type ActivityRecord, listActivity } from './activity';
export type { Credentials, Rows } from './call';
export {
  type Connection,
  type ConnectionStatus,
  disconnect,
  finishConnection,
  listConnections,
  type ProviderName,
  type Revocation,
  startConnection,
} from './connections';
export { isAborted, pause } from './http';
export {
  enrol,
  type Enrolment,
  type EnrolmentAnswer,
  listMailboxes,
  listSequences,
  type Mailbox,
  type Sequence,
  type SequenceQuery,
} from './outreach';
export { Problem, problemFrom } from './problem';
export type {
  Account,
  AccountDetail,
  AccountPage,
  AccountQuery,
  FacetName,
  Facets,
  FacetValue,
  Freshness,
  Me,
  Opportunity,
  Org,
  SortKey,
  SortOrder,
  TokenAnswer,
  User,
} from './types';
export {
  listContacts,
  listSimilar,
  listTemplates,
  readContact,
  renderTemplate,
  sendEmail,
  type Contact,
  type Email,
  type EmailTemplate,
  type MailChannel,
  type Refusal,
  type RenderedTemplate,
  type Sent,
  type SimilarCustomer,
  type SimilarPage,
} from './writing';

/** A list that waits for the whole pull of a large org. */
const PULL_MS = 180_000;

/**
 * The address that the sign-in popup opens. Synchronous: it is made inside the click.
 * @param reauth Salesforce is asked to have the admin sign in anew, as what cannot be undone needs
 */
export function signInUrl(backendUrl: string, challenge: string, origin: string, reauth = false): string {
  const query = new URLSearchParams({ challenge, origin, ...(reauth ? { reauth: 'true' } : {}) });
  return `${backendUrl}/v1/auth/salesforce/start?${query.toString()}`;
}

/**
 * Redeems a one-time code. The same code, verifier and key may be sent again within 60 s: same session.
 * @throws Problem `invalid_code`, `permission_missing`, `user_inactive`, `wrong_region` (with `url`), ...
 */
export async function exchangeCode(
  backendUrl: string,
  body: { code: string; verifier: string },
  idempotencyKey: string,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  const call = { backendUrl, method: 'POST', path: '/v1/auth/token', body, idempotencyKey, signal } as const;
  const answer = await send({ ...call, timeoutMs: SHORT_MS });
  const token = shaped<TokenAnswer>(answer, 'user', 'org');
  if (typeof token.token !== 'string' || typeof token.user.id !== 'string') throw new Problem({ code: 'bad_answer' });
  return token;
}

/** Ends this session; the backend erases this rep's list. Repeating it is harmless. */
export async function signOut(credentials: Credentials, signal?: AbortSignal): Promise<void> {
  await send({ ...credentials, method: 'POST', path: '/v1/auth/sign-out', signal, timeoutMs: SHORT_MS });
}

export async function readMe(credentials: Credentials, signal?: AbortSignal): Promise<Me> {
  const answer = await send({ ...credentials, method: 'GET', path: '/v1/me', signal, timeoutMs: SHORT_MS });
  return shaped<Me>(answer, 'user', 'org', 'settings');
}

/** The query string of a list: facets repeat, empty values are left out. */
export function accountSearch(query: AccountQuery): URLSearchParams {
  const search = new URLSearchParams();
  if (query.search !== undefined && query.search !== '') search.set('search', query.search);
  for (const facet of ['industry', 'country', 'owner', 'product'] as const) {
    for (const value of query[facet] ?? []) search.append(facet, value);
  }
  for (const name of ['sort', 'order', 'offset', 'limit'] as const) {
    const value = query[name];
    if (value !== undefined) search.set(name, String(value));
  }
  if (query.partial === true) search.set('partial', 'true');
  return search;
}

export interface ListAnswer {
  /** Undefined: nothing changed since `etag` (304). */
  page: AccountPage | undefined;
  etag: string | undefined;
}

/** A page of the rep's paying accounts. */
export async function listAccounts(
  credentials: Credentials,
  query: AccountQuery,
  options: { etag?: string | undefined; signal?: AbortSignal } = {},
): Promise<ListAnswer> {
  const answer = await send({
    ...credentials,
    ...options,
    method: 'GET',
    path: '/v1/accounts',
    query: accountSearch(query),
    timeoutMs: query.partial === true ? SHORT_MS : PULL_MS,
  });
  if (answer.status === 304) return { page: undefined, etag: options.etag };
  return { page: shaped<AccountPage>(answer, 'rows', 'facets', 'freshness'), etag: answer.etag };
}

/** Begins a new pull; the old list serves until the new one is complete. */
export async function refreshAccounts(credentials: Credentials, signal?: AbortSignal): Promise<Freshness> {
  const call = { method: 'POST', path: '/v1/accounts/refresh', signal, timeoutMs: SHORT_MS } as const;
  return shaped<{ freshness: Freshness }>(await send({ ...credentials, ...call }), 'freshness').freshness;
}

/** One account, read live from Salesforce. */
export async function readAccount(credentials: Credentials, id: string, signal?: AbortSignal): Promise<AccountDetail> {
  const call = { method: 'GET', path: `/v1/accounts/${encodeURIComponent(id)}`, signal, timeoutMs: SHORT_MS } as const;
  return shaped<{ account: AccountDetail }>(await send({ ...credentials, ...call }), 'account').account;
}
