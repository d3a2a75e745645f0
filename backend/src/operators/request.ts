import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../vault/canonical-json.ts';
import { isInDate, type Operator } from './operators-file.ts';
import { OperatorRefused } from './refused.ts';
import type { SignedRequest } from './bundle.ts';
import { readSshSignature, type SshSignature } from './sshsig.ts';

/** What operators can do, and what each is done to. */
export const ACTIONS = {
  'erase-org': /^org_[A-Za-z0-9_-]{22}$/,
  'erase-user': /^org_[A-Za-z0-9_-]{22}\/usr_[A-Za-z0-9_-]{22}$/,
  'revoke-all': /^(?:region|org_[A-Za-z0-9_-]{22})$/,
  'rotate-signing-key': /^region$/,
  'rotate-proof-key': /^region$/,
  'rotate-data-key': /^(?:region|org_[A-Za-z0-9_-]{22})$/,
  'move-master-key': /^region$/,
  'verify-audit': /^(?:region|org_[A-Za-z0-9_-]{22})$/,
  'export-audit': /^(?:region|org_[A-Za-z0-9_-]{22})$/,
  'resume-sending': /^region$/,
} as const;

export type Action = keyof typeof ACTIONS;

/** What an action can be done to, for a person: `region`, `org_...`, `org_.../usr_...`. */
export function targetsOf(action: Action): readonly string[] {
  const [org, user] = [`org_${'A'.repeat(22)}`, `usr_${'A'.repeat(22)}`];
  const kinds = { region: 'region', 'org_...': org, 'org_.../usr_...': `${org}/${user}` };
  return Object.entries(kinds).flatMap(([kind, example]) => (ACTIONS[action].test(example) ? [kind] : []));
}

/** What two people sign. Times ISO 8601. */
export interface OperatorRequest {
  readonly format: 1;
  readonly region: string;
  readonly action: Action;
  readonly target: string;
  /** Why, in words: a ticket, an incident. */
  readonly reason: string;
  /** 256 random bits: a request is carried out once. */
  readonly nonce: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** A request that two approved people stand behind. */
export interface ApprovedRequest {
  readonly request: OperatorRequest;
  readonly requestedBy: Operator;
  readonly approvedBy: Operator;
}

/** What each of the two signs under: nobody's request can be taken for their approval. */
const NAMESPACES = { request: 'oneshot-request', approval: 'oneshot-approval' } as const;

const HOUR_MS = 3_600_000;
const LONGEST_MS = 24 * HOUR_MS;
const MIN_REASON = 10;
const MAX_REASON = 500;
/** Two machines' clocks may differ by so much. */
const CLOCK_MS = 5 * 60_000;

/** A fresh request, to be signed as it is. @throws OperatorRefused the action, target, reason or hours are none */
export function newRequest(
  { region, action, target, reason }: Pick<OperatorRequest, 'region' | 'target' | 'reason'> & { action: string },
  hours: number,
  now = Date.now(),
): OperatorRequest {
  if (!(hours > 0 && hours * HOUR_MS <= LONGEST_MS)) throw tooLong();
  const request = {
    format: 1,
    region,
    action,
    target,
    reason,
    nonce: randomBytes(32).toString('base64url'),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + hours * HOUR_MS).toISOString(),
  };
  return checked(request, [region], now);
}

/**
 * Holds a request and its two signatures against who may act.
 * @param bytes of the request exactly as they were signed
 * @param now epoch milliseconds
 * @throws OperatorRefused with its reason
 */
export function approve(
  bytes: Buffer,
  signatures: SignedRequest['signatures'],
  operators: readonly Operator[],
  region: string,
  now: number,
): ApprovedRequest {
  const request = parse(bytes, [region], now);
  const requestedBy = signerOf(bytes, signatures.request, 'request', operators, now);
  const approvedBy = signerOf(bytes, signatures.approval, 'approval', operators, now);
  if (requestedBy.key === approvedBy.key || requestedBy.person === approvedBy.person) throw samePerson();
  return { request, requestedBy, approvedBy };
}

/**
 * The same as far as it can be told without the list of operators, on the machine of somebody who packs a request.
 * @param regions that there are
 * @throws OperatorRefused with its reason
 */
export function inspect({ request: bytes, signatures }: SignedRequest, regions: readonly string[], now: number) {
  const request = parse(bytes, regions, now);
  const [requested, approved] = [
    signatureOf(bytes, signatures.request, 'request'),
    signatureOf(bytes, signatures.approval, 'approval'),
  ];
  if (requested.key === approved.key) throw samePerson();
  return request;
}

function parse(bytes: Buffer, regions: readonly string[], now: number): OperatorRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new OperatorRefused('request', 'The request is not JSON.');
  }
  return checked(parsed, regions, now);
}

function checked(value: unknown, regions: readonly string[], now: number): OperatorRequest {
  if (typeof value !== 'object' || value === null) throw new OperatorRefused('request', 'The request is no object.');
  const { format, action, target, reason, nonce, createdAt, expiresAt, ...rest } = value as Readonly<
    Record<string, unknown>
  >;
  const { region: itsRegion, ...unknown } = rest;
  if (format !== 1 || Object.keys(unknown).length > 0)
    throw new OperatorRefused('request', 'The request is of another format.');
  if (typeof itsRegion !== 'string' || !regions.includes(itsRegion))
    throw new OperatorRefused('region', 'The request is for another region.');
  if (typeof action !== 'string' || !Object.hasOwn(ACTIONS, action))
    throw new OperatorRefused('action', `There is no such action; there are ${Object.keys(ACTIONS).join(', ')}.`);
  if (typeof target !== 'string' || !ACTIONS[action as Action].test(target))
    throw new OperatorRefused('target', `${action} cannot be done to this target.`);
  if (typeof reason !== 'string' || reason.trim().length < MIN_REASON || reason.length > MAX_REASON)
    throw new OperatorRefused('reason', `Give a reason of ${MIN_REASON} to ${MAX_REASON} characters.`);
  if (typeof nonce !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(nonce))
    throw new OperatorRefused('nonce', 'The nonce is 256 random bits.');
  const created = timeOf(createdAt);
  const expires = timeOf(expiresAt);
  if (created > now + CLOCK_MS) throw new OperatorRefused('clock', 'The request comes from the future.');
  if (expires <= created || expires - created > LONGEST_MS) throw tooLong();
  if (expires <= now) throw new OperatorRefused('expired', 'The request has expired.');
  return value as OperatorRequest;
}

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString() !== value)
    throw new OperatorRefused('time', 'Times are ISO 8601 in UTC with milliseconds.');
  return time;
}

function signerOf(
  bytes: Buffer,
  armored: string,
  role: keyof typeof NAMESPACES,
  operators: readonly Operator[],
  now: number,
): Operator {
  const signature = signatureOf(bytes, armored, role);
  const operator = operators.find(({ key }) => key === signature.key);
  if (operator === undefined)
    throw new OperatorRefused('not_an_operator', `Who signed the ${role} is not in the operators file.`);
  if (!isInDate(operator, now))
    throw new OperatorRefused('training_expired', `The security training of who signed the ${role} is out of date.`);
  return operator;
}

function signatureOf(bytes: Buffer, armored: string, role: keyof typeof NAMESPACES): SshSignature {
  const signature = readSshSignature(armored);
  if (signature?.namespace !== NAMESPACES[role] || !signature.isOf(bytes))
    throw new OperatorRefused(
      `${role}_signature`,
      `The ${role} is not signed: ssh-keygen -Y sign -n ${NAMESPACES[role]}`,
    );
  return signature;
}

const tooLong = (): OperatorRefused => new OperatorRefused('expiry', 'A request lives for up to 24 hours.');

const samePerson = (): OperatorRefused =>
  new OperatorRefused('same_person', 'A request is approved by somebody else than who made it.');

/** The bytes of a request as `npm run ops -- request` prints them. */
export const requestText = (request: OperatorRequest): string => `${canonicalJson(request)}\n`;
