import { type Answer, send } from './http';
import type { Credentials } from './oneshotApi';
import { Problem } from './problem';

/** Calls that only an admin may make: set-up, people, API usage. Shapes of the contract. */

export type CheckState = 'ok' | 'todo' | 'unknown';

/** A row of the live checklist, worded by the backend in the user's language. */
export interface Check {
  id: string;
  title: string;
  state: CheckState;
  /** What was looked up, a moment ago. */
  seen: string;
  steps: string[];
  /** The page of the org's own Setup. */
  url: string;
}

export interface OrgSettings {
  payingField: string;
  products: { source: 'none' | 'accountField' | 'opportunityLines' | 'assets'; field?: string };
  sessionMinutes: number;
  cache: { enabled: boolean; minutes: number };
  logSendsToSalesforce: 'never' | 'ask' | 'always';
  channels: { gmail: boolean; outlook: boolean; outreach: boolean };
  mailFooterTemplateId: string | null;
  sendsPerRepAndDay: number;
  activityDays: number;
  homeRegion: string;
}

export interface VersionedSettings {
  version: number;
  settings: OrgSettings;
}

export interface FieldChoice {
  name: string;
  label: string;
  type: string;
}

export interface SettingsFields {
  paying: FieldChoice[];
  products: FieldChoice[];
  /** Accounts whose asked-for field is above 0, and names of the three largest; live. */
  count?: number;
  examples?: string[];
}

export interface RepChoice {
  id: string;
  name: string;
}

export interface TemplateChoice {
  id: string;
  name: string;
  folder: string | null;
}

export interface AdminUser {
  id: string;
  /** Null where Salesforce does not let this admin read it. */
  name: string | null;
  email: string;
  /** `active`, or `inactive`: deactivated in Salesforce. */
  status: string;
  lastSignInAt: string;
  sessions: number;
  connections: { provider: string; status: string }[];
}

/** What is kept of an erasure; nothing personal is inside. Times ISO 8601. */
export interface Receipt {
  id: string;
  state: 'running' | 'complete';
  /** Documents by collection. */
  counts: Record<string, number>;
  revocations: { provider: string; result: string }[];
  backupsGoneAt: string | null;
  completedAt: string | null;
  /** Over the rest of it: none of its members may be lost. */
  signature: string | null;
}

/** What deleting all key records of the org would make unreadable. */
export interface KeySwitch {
  connections: number;
  people: number;
}

export interface Usage {
  /** OneShot's own calls in the last 24 hours. */
  apiCallsToday: number;
  /** Of the whole org; null where Salesforce does not say. */
  orgLimit: number | null;
  orgRemaining: number | null;
  byPurpose: Record<string, number>;
}

/** A promise, measured. Worded by the backend, in the language that was asked for. */
export interface PromiseMeasured {
  number: number;
  title: string;
  /** Null: not measured. */
  holds: boolean | null;
  figure: string;
  test: string;
}

/** What the canary job found; it carries more, all of it signed. */
export interface CanaryRun {
  ranAt: string;
  planted: number;
  found: number;
  files: number;
  fileBytes: number;
  logBytes: number;
  heapBytes: number;
  databaseDocuments: number;
  /** False: the search missed what was planted for it to find. */
  searchWorks: boolean;
  holds: boolean;
}

/** What is held of the admin's org, measured at the moment of asking. */
export interface Evidence {
  computedAt: string;
  promises: PromiseMeasured[];
  collections: { name: string; fields: string[]; count: number; oldestAt: string | null; keyVersions: string[] }[];
  caches: { rep: string; rows: number; fetchedAt: string; expiresAt: string }[];
  logFields: string[];
  canary: CanaryRun | null;
}

/** The same as somebody can keep and check: the signature is over every member, so none may be lost. */
export interface SignedEvidence extends Evidence {
  signature: string;
}

/** How far the audit trail had come, signed, as a record of the org's own Salesforce. */
export interface KeptHead {
  org: string;
  /** Entries that the trail had. */
  seq: number;
  hash: string;
  at: string;
  signature: string;
  keptAt: string;
  /** Whether the trail still has that entry; null: the record is not what OneShot signed. */
  holds: boolean | null;
}

const TIMEOUT_MS = 60_000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

function call(
  credentials: Credentials,
  method: Method,
  path: string,
  options: {
    query?: Record<string, string | undefined>;
    body?: object;
    language?: string;
    idempotencyKey?: string;
    signal?: AbortSignal;
  } = {},
): Promise<Answer> {
  const { query = {}, body, language, idempotencyKey, signal } = options;
  const known = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return send({
    ...credentials,
    method,
    path,
    query: new URLSearchParams(known),
    ...(body === undefined ? {} : { body }),
    ...(language === undefined ? {} : { language }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    signal,
    timeoutMs: TIMEOUT_MS,
  });
}

/** The body as an object with these keys: a wrong answer is found here and not in a template. */
function bodyOf<T>(answer: Answer, ...keys: string[]): T {
  const body = answer.body as Record<string, unknown> | null | undefined;
  if (typeof body !== 'object' || body === null || keys.some((key) => body[key] === undefined)) {
    throw new Problem({ code: 'bad_answer', status: answer.status });
  }
  return body as T;
}

/** @param repId Salesforce user id of the rep to look at; left out: the backend chooses */
export async function readChecklist(
  credentials: Credentials,
  repId: string | undefined,
  language: string,
  signal?: AbortSignal,
): Promise<Check[]> {
  const options = { query: { rep: repId }, language, ...(signal ? { signal } : {}) };
  return bodyOf<{ rows: Check[] }>(await call(credentials, 'GET', '/v1/setup/checklist', options), 'rows').rows;
}

export async function listReps(credentials: Credentials, signal?: AbortSignal): Promise<RepChoice[]> {
  const options = signal ? { signal } : {};
  return bodyOf<{ rows: RepChoice[] }>(await call(credentials, 'GET', '/v1/setup/reps', options), 'rows').rows;
}

export async function readSettings(credentials: Credentials): Promise<VersionedSettings> {
  return bodyOf<VersionedSettings>(await call(credentials, 'GET', '/v1/settings'), 'version', 'settings');
}

/** @throws Problem 409 `version_conflict`: somebody else saved meanwhile; 421: the home region moved */
export async function saveSettings(credentials: Credentials, body: VersionedSettings): Promise<VersionedSettings> {
  return bodyOf<VersionedSettings>(await call(credentials, 'PUT', '/v1/settings', { body }), 'version', 'settings');
}

/** @param count a field whose accounts are to be counted */
export async function readFields(
  credentials: Credentials,
  count?: string,
  signal?: AbortSignal,
): Promise<SettingsFields> {
  const options = { query: { count }, ...(signal ? { signal } : {}) };
  return bodyOf<SettingsFields>(await call(credentials, 'GET', '/v1/settings/fields', options), 'paying', 'products');
}

/** The org's email templates, for the choice of the legal footer. */
export async function listFooterTemplates(credentials: Credentials): Promise<TemplateChoice[]> {
  return bodyOf<{ rows: TemplateChoice[] }>(await call(credentials, 'GET', '/v1/email-templates'), 'rows').rows;
}

export async function listUsers(
  credentials: Credentials,
  cursor?: string,
): Promise<{ rows: AdminUser[]; nextCursor: string | null }> {
  return bodyOf(await call(credentials, 'GET', '/v1/admin/users', { query: { cursor } }), 'rows');
}

export async function endSessions(credentials: Credentials, userId: string): Promise<void> {
  await call(credentials, 'DELETE', `/v1/admin/users/${encodeURIComponent(userId)}/sessions`);
}

/** @throws Problem 403 `reauthentication_required` */
export async function endAllSessions(credentials: Credentials): Promise<void> {
  await call(credentials, 'DELETE', '/v1/admin/sessions');
}

/** Erases what is held about a person. @throws Problem 403 `reauthentication_required` */
export async function eraseUser(credentials: Credentials, userId: string): Promise<Receipt> {
  const answer = await call(credentials, 'DELETE', `/v1/admin/users/${encodeURIComponent(userId)}`);
  const { receipt } = bodyOf<{ receipt: Receipt }>(answer, 'receipt');
  return bodyOf<Receipt>({ ...answer, body: receipt }, 'id', 'counts', 'revocations');
}

export async function readKeySwitch(credentials: Credentials): Promise<KeySwitch> {
  return bodyOf<{ keySwitch: KeySwitch }>(await call(credentials, 'GET', '/v1/admin/keys'), 'keySwitch').keySwitch;
}

export async function readUsage(credentials: Credentials): Promise<Usage> {
  return bodyOf<Usage>(await call(credentials, 'GET', '/v1/admin/usage'), 'byPurpose');
}

const EVIDENCE = ['computedAt', 'promises', 'collections', 'caches', 'logFields', 'canary'];

export async function readEvidence(credentials: Credentials, language: string): Promise<Evidence> {
  return bodyOf<Evidence>(await call(credentials, 'GET', '/v1/privacy/evidence', { language }), ...EVIDENCE);
}

export async function readSignedEvidence(credentials: Credentials, language: string): Promise<SignedEvidence> {
  const answer = await call(credentials, 'GET', '/v1/privacy/evidence/signed', { language });
  return bodyOf<SignedEvidence>(answer, ...EVIDENCE, 'signature');
}

/** The newest first. @throws Problem 409 `setup_missing`: the org's package has no such object yet, or not for this admin */
export async function listKeptHeads(credentials: Credentials): Promise<KeptHead[]> {
  return bodyOf<{ rows: KeptHead[] }>(await call(credentials, 'GET', '/v1/audit/heads'), 'rows').rows;
}

/**
 * Writes the signed head of now into the org's Salesforce.
 * @param idempotencyKey made once for a click, so that asking again writes no second record
 * @throws Problem as `listKeptHeads`
 */
export async function keepHead(credentials: Credentials, idempotencyKey: string): Promise<KeptHead> {
  const answer = await call(credentials, 'POST', '/v1/audit/heads', { idempotencyKey });
  return bodyOf<{ head: KeptHead }>(answer, 'head').head;
}
