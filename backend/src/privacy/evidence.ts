import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import type { OpenSession } from '../auth/sessions.ts';
import type { Holding, Inventory } from '../database/inventory.ts';
import { beatOf, type Ledger } from '../ledger/ledger.ts';
import type { CanaryRuns, CanaryResult } from './canary-runs.ts';
import { logFields, logHoldsBack } from './log-check.ts';
import { PROMISES } from './promises.ts';

/** A list in memory (accounts/). */
export interface CachedList {
  readonly rep: string;
  readonly rows: number;
  readonly fetchedAt: string;
  readonly expiresAt: string;
}

export interface EvidenceParts {
  readonly inventory: Inventory;
  readonly cached: (orgId: string) => readonly CachedList[];
  readonly audit: Audit;
  readonly auth: Pick<Auth, 'sessions' | 'people' | 'oauth' | 'revocations'>;
  readonly ledger: Ledger;
  readonly canary: CanaryRuns;
  /** Erasures of an org that wait or run, and that should be done by now. */
  readonly lateErasures: (orgId: string) => Promise<number>;
  /** How many operators may act today. @throws where the list of them cannot be trusted */
  readonly operatorsInDate: () => Promise<number>;
  readonly publicUrl: () => string;
}

/** API.md, evidence: `holds` is null for what was not measured. */
export interface Evidence {
  readonly computedAt: string;
  readonly promises: readonly {
    readonly number: number;
    readonly title: string;
    readonly holds: boolean | null;
    readonly figure: string;
    readonly test: string;
  }[];
  readonly collections: readonly Holding[];
  readonly caches: readonly CachedList[];
  readonly logFields: readonly string[];
  readonly canary: CanaryResult | null;
}

interface Measured {
  readonly holds: boolean | null;
  readonly figure: string;
}

const HOUR_MS = 3_600_000;
const LONGEST_SESSION_MINUTES = 720;
/** A canary run that is older says little about today's build. */
const CANARY_FRESH_MS = 48 * HOUR_MS;
/** What a send must not be stored with, as a field's name would say it (DESIGN 2.5). */
const CONTENT = /subject|body|html|text|content|address|email|recipient|sender|name|messageid/i;

/** Measures the promises now, from the database and this process' memory, for one org (DESIGN 2). */
export async function computeEvidence(
  parts: EvidenceParts,
  session: OpenSession,
  signal: AbortSignal,
): Promise<Evidence> {
  const { orgId } = session.rep;
  const [collections, canary] = await Promise.all([parts.inventory.of(orgId), parts.canary.newest()]);
  const caches = parts.cached(orgId);
  const of = (name: string): Holding | undefined => collections.find((holding) => holding.name === name);
  const measured: Readonly<Record<(typeof PROMISES)[number]['number'], Measured>> = {
    1: onDisk(collections, canary),
    2: inMemory(caches),
    3: await asTheRep(parts, session, signal),
    4: await tokens(parts, orgId, of('connections')),
    5: sends(of('activities')),
    6: await sessionsEnd(parts, orgId),
    7: transport(parts.publicUrl()),
    8: await region(parts, session),
    9: await access(parts, orgId),
    10: await logs(canary),
    11: await leaving(parts, orgId),
  };
  return {
    computedAt: new Date().toISOString(),
    promises: PROMISES.map(({ number, title, test }) => ({ number, title, ...measured[number], test })),
    collections,
    caches,
    logFields: logFields(),
    canary: canary ?? null,
  };
}

function onDisk(collections: readonly Holding[], canary: CanaryResult | undefined): Measured {
  const documents = collections.reduce((sum, { count }) => sum + count, 0);
  const held = `${documents} documents in ${collections.length} collections, listed below with every field`;
  if (canary === undefined) return { holds: null, figure: `${held}; the canary job has not run here yet` };
  const isFresh = Date.parse(canary.ranAt) + CANARY_FRESH_MS > Date.now();
  const found = `the canary job of ${canary.ranAt} found ${canary.found} of ${canary.planted} planted values`;
  return { holds: canary.holds ? (isFresh ? true : null) : false, figure: `${held}; ${found}` };
}

function inMemory(caches: readonly CachedList[]): Measured {
  const now = Date.now();
  const minutes = caches.map(({ fetchedAt }) => Math.floor((now - Date.parse(fetchedAt)) / 60_000));
  const late = caches.filter(
    ({ fetchedAt, expiresAt }) =>
      Date.parse(expiresAt) <= now || Date.parse(expiresAt) - Date.parse(fetchedAt) > HOUR_MS,
  ).length;
  return {
    holds: late === 0,
    figure: `${caches.length} lists in this process, the oldest ${Math.max(0, ...minutes)} min old, ${late} past their time`,
  };
}

/** Asks Salesforce whose token this session uses: it must be the admin's own, not a user's for everybody. */
async function asTheRep({ auth }: EvidenceParts, session: OpenSession, signal: AbortSignal): Promise<Measured> {
  const { rep, instanceUrl, accessToken } = session;
  try {
    await auth.oauth.identity(instanceUrl, accessToken, rep, signal);
    return { holds: true, figure: 'Salesforce says that this session reads with your own token' };
  } catch {
    return { holds: null, figure: 'Salesforce could not be asked whose token this is' };
  }
}

async function tokens(
  { auth, audit }: EvidenceParts,
  orgId: string,
  connections: Holding | undefined,
): Promise<Measured> {
  const { sessions, unsealed } = await auth.sessions.stored.sealing(orgId);
  const used = await audit.newest(orgId, /^token_used_to_/);
  const last = used === undefined ? 'no token of a provider was used yet' : `the last use of one at ${used.at}`;
  return {
    holds: unsealed === 0,
    figure: `${sessions} sessions and ${connections?.count ?? 0} connections, ${unsealed} not sealed; ${last}`,
  };
}

function sends(activities: Holding | undefined): Measured {
  const fields = activities?.fields ?? [];
  const content = fields.filter((field) => CONTENT.test(field));
  return {
    holds: content.length === 0,
    figure: `${activities?.count ?? 0} sends with ${fields.length} fields each, ${content.length} of them content`,
  };
}

async function sessionsEnd({ auth }: EvidenceParts, orgId: string): Promise<Measured> {
  const { sessions, longestMinutes } = await auth.sessions.stored.lengths(orgId);
  return {
    holds: auth.revocations.isFresh && longestMinutes <= LONGEST_SESSION_MINUTES,
    figure: `${sessions} live sessions, none longer than ${longestMinutes} min; endings were read ${
      auth.revocations.isFresh ? 'less' : 'more'
    } than 5 s ago`,
  };
}

function transport(publicUrl: string): Measured {
  const { protocol, hostname } = new URL(publicUrl);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return protocol === 'https:'
    ? { holds: true, figure: 'This backend answers on https' }
    : { holds: isLoopback, figure: 'This backend answers on http, on loopback only: a development machine' };
}

async function region({ auth }: EvidenceParts, { rep }: OpenSession): Promise<Measured> {
  const isBound = await auth.people.isBoundToRegion(rep.orgId, rep.userId);
  return {
    holds: isBound ?? null,
    figure:
      isBound === undefined
        ? 'There is nothing sealed to try'
        : `A sealed value of yours ${isBound ? 'opens in this region and in no other' : 'opens under another region, too'}`,
  };
}

async function access({ audit, operatorsInDate }: EvidenceParts, orgId: string): Promise<Measured> {
  const [own, region, acts] = await Promise.all([
    audit.firstBroken(orgId),
    audit.firstBroken('region'),
    audit.countOf(orgId, 'operator_approved'),
  ]);
  const trail = own === null && region === null ? 'verified' : 'BROKEN';
  const did = `${acts} operator actions on your org, audit trail ${trail}`;
  try {
    const operators = await operatorsInDate();
    return { holds: trail === 'verified', figure: `${operators} operators may act, two for each action; ${did}` };
  } catch {
    return { holds: false, figure: `The list of operators cannot be trusted; ${did}` };
  }
}

async function logs(canary: CanaryResult | undefined): Promise<Measured> {
  const holdsBack = await logHoldsBack();
  const ran = canary === undefined ? '' : `; the canary job searched ${canary.logBytes} bytes of log`;
  return {
    holds: holdsBack,
    figure: `${logFields().length} fields may be logged; a planted address was ${holdsBack ? 'held back' : 'LOGGED'} now${ran}`,
  };
}

async function leaving({ ledger, lateErasures }: EvidenceParts, orgId: string): Promise<Measured> {
  const late = await lateErasures(orgId);
  try {
    const behind = Math.max(0, beatOf(Date.now()) - (await ledger.beat()));
    return {
      holds: late === 0 && behind <= 3,
      figure: `${late} erasures late; the ledger outside the database is ${behind} min old`,
    };
  } catch {
    return { holds: false, figure: 'The ledger outside the database cannot be read' };
  }
}
