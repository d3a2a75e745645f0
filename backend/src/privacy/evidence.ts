import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import type { KeptHeadsSummary } from '../audit/kept-heads.ts';
import type { RegionNames } from '../auth/people.ts';
import type { Rep } from '../auth/rep.ts';
import type { OpenSession } from '../auth/sessions.ts';
import type { Holding, Inventory } from '../database/inventory.ts';
import { beatOf, type Ledger } from '../ledger/ledger.ts';
import type { CanaryRuns, CanaryResult } from './canary-runs.ts';
import type { EvidenceTexts } from './evidence-texts.ts';
import { logFields, logHoldsBack } from './log-check.ts';
import { PROMISES, type PromiseNumber } from './promises.ts';
import type { RegionChecked } from './region-check.ts';

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
  readonly regions: RegionNames;
  /** What the daily region check found about an org; undefined before its first. */
  readonly regionChecked: (orgId: string) => Promise<RegionChecked | undefined>;
  /** What is kept of the trail in the customer's own Salesforce; undefined where that cannot be read. */
  readonly keptHeads: (rep: Rep, signal: AbortSignal) => Promise<KeptHeadsSummary | undefined>;
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
/** The daily region check has missed a day. */
const REGION_CHECK_LATE_MS = 48 * HOUR_MS;
/** What a send must not be stored with, as a field's name would say it (DESIGN 2.5). */
const CONTENT = /subject|body|html|text|content|address|email|recipient|sender|name|messageid/i;

/** Measures the promises now, from the database and this process' memory, for one org (DESIGN 2). @param say words it */
export async function computeEvidence(
  parts: EvidenceParts,
  session: OpenSession,
  say: EvidenceTexts,
  signal: AbortSignal,
): Promise<Evidence> {
  const { orgId } = session.rep;
  const [collections, canary] = await Promise.all([parts.inventory.of(orgId), parts.canary.newest()]);
  const caches = parts.cached(orgId);
  const of = (name: string): Holding | undefined => collections.find((holding) => holding.name === name);
  const measured: Readonly<Record<PromiseNumber, Measured>> = {
    1: onDisk(say, collections, canary),
    2: inMemory(say, caches),
    3: await asTheRep(say, parts, session, signal),
    4: await tokens(say, parts, orgId, of('connections')),
    5: sends(say, of('activities')),
    6: await sessionsEnd(say, parts, orgId),
    7: transport(say, parts.publicUrl()),
    8: await region(say, parts, session),
    9: await access(say, parts, session, signal),
    10: await logs(say, canary),
    11: await leaving(say, parts, orgId),
  };
  return {
    computedAt: new Date().toISOString(),
    promises: PROMISES.map(({ number, file }) => ({
      number,
      title: say.titles[number],
      ...measured[number],
      test: `${file}: ${say.tests[number]}`,
    })),
    collections,
    caches,
    logFields: logFields(),
    canary: canary ?? null,
  };
}

const figure = (...parts: readonly string[]): string => parts.join('; ');

function onDisk(say: EvidenceTexts, collections: readonly Holding[], canary: CanaryResult | undefined): Measured {
  const documents = collections.reduce((sum, { count }) => sum + count, 0);
  const held = say.held(documents, collections.length);
  if (canary === undefined) return { holds: null, figure: figure(held, say.canaryNever) };
  const isFresh = Date.parse(canary.ranAt) + CANARY_FRESH_MS > Date.now();
  const found = say.canaryFound(canary.ranAt, canary.found, canary.planted);
  return { holds: canary.holds ? (isFresh ? true : null) : false, figure: figure(held, found) };
}

function inMemory(say: EvidenceTexts, caches: readonly CachedList[]): Measured {
  const now = Date.now();
  const minutes = caches.map(({ fetchedAt }) => Math.floor((now - Date.parse(fetchedAt)) / 60_000));
  const late = caches.filter(
    ({ fetchedAt, expiresAt }) =>
      Date.parse(expiresAt) <= now || Date.parse(expiresAt) - Date.parse(fetchedAt) > HOUR_MS,
  ).length;
  return { holds: late === 0, figure: say.lists(caches.length, Math.max(0, ...minutes), late) };
}

/** Asks Salesforce whose token this session uses: it must be the admin's own, not a user's for everybody. */
async function asTheRep(
  say: EvidenceTexts,
  { auth }: EvidenceParts,
  session: OpenSession,
  signal: AbortSignal,
): Promise<Measured> {
  const { rep, instanceUrl, accessToken } = session;
  try {
    await auth.oauth.identity(instanceUrl, accessToken, rep, signal);
    return { holds: true, figure: say.ownToken };
  } catch {
    return { holds: null, figure: say.tokenNotAsked };
  }
}

async function tokens(
  say: EvidenceTexts,
  { auth, audit }: EvidenceParts,
  orgId: string,
  connections: Holding | undefined,
): Promise<Measured> {
  const { sessions, unsealed } = await auth.sessions.stored.sealing(orgId);
  const used = await audit.newest(orgId, /^token_used_to_/);
  const sealed = say.tokens(sessions, connections?.count ?? 0, unsealed);
  return { holds: unsealed === 0, figure: figure(sealed, say.lastTokenUse(used?.at)) };
}

function sends(say: EvidenceTexts, activities: Holding | undefined): Measured {
  const fields = activities?.fields ?? [];
  const content = fields.filter((field) => CONTENT.test(field)).length;
  return { holds: content === 0, figure: say.sends(activities?.count ?? 0, fields.length, content) };
}

async function sessionsEnd(say: EvidenceTexts, { auth }: EvidenceParts, orgId: string): Promise<Measured> {
  const { sessions, longestMinutes } = await auth.sessions.stored.lengths(orgId);
  const { isFresh } = auth.revocations;
  return {
    holds: isFresh && longestMinutes <= LONGEST_SESSION_MINUTES,
    figure: say.sessions(sessions, longestMinutes, isFresh),
  };
}

function transport(say: EvidenceTexts, publicUrl: string): Measured {
  const { protocol, hostname } = new URL(publicUrl);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return protocol === 'https:' ? { holds: true, figure: say.https } : { holds: isLoopback, figure: say.httpOnLoopback };
}

/** Tried now with the admin's own values, and each day with the org's. */
async function region(say: EvidenceTexts, parts: EvidenceParts, { rep }: OpenSession): Promise<Measured> {
  const { auth, regions, regionChecked } = parts;
  const { orgId, userId } = rep;
  const [now, daily] = await Promise.all([
    auth.people.triedElsewhere(orgId, regions, { userId }),
    regionChecked(orgId),
  ]);
  const isLate = daily !== undefined && daily.at.getTime() + REGION_CHECK_LATE_MS < Date.now();
  const isBroken = [now, daily].some((one) => one !== undefined && one.opened > 0);
  const isUnsure = isLate || [now, daily].some((one) => one !== undefined && one.unreadable > 0) || now.tried === 0;
  return {
    holds: isBroken ? false : isUnsure ? null : true,
    figure: figure(
      now.tried === 0 ? say.nothingSealed : say.boundToRegion(now),
      daily === undefined ? say.regionCheckNever : say.regionCheck(daily),
    ),
  };
}

async function access(
  say: EvidenceTexts,
  { audit, operatorsInDate, keptHeads }: EvidenceParts,
  { rep }: OpenSession,
  signal: AbortSignal,
): Promise<Measured> {
  const { orgId } = rep;
  const [own, ours, acts, kept] = await Promise.all([
    audit.firstBroken(orgId),
    audit.firstBroken('region'),
    audit.countOf(orgId, 'operator_approved'),
    keptHeads(rep, signal),
  ]);
  const isVerified = own === null && ours === null;
  const did = figure(say.operatorActs(acts, isVerified), say.keptHeads(kept));
  try {
    const operators = await operatorsInDate();
    const holds = isVerified && (kept?.contradicting ?? 0) === 0;
    return { holds, figure: figure(say.operators(operators), did) };
  } catch {
    return { holds: false, figure: figure(say.operatorsUntrusted, did) };
  }
}

async function logs(say: EvidenceTexts, canary: CanaryResult | undefined): Promise<Measured> {
  const holdsBack = await logHoldsBack();
  const ran = canary === undefined ? [] : [say.canaryLog(canary.logBytes)];
  return { holds: holdsBack, figure: figure(say.logs(logFields().length, holdsBack), ...ran) };
}

async function leaving(say: EvidenceTexts, { ledger, lateErasures }: EvidenceParts, orgId: string): Promise<Measured> {
  const late = await lateErasures(orgId);
  try {
    const behind = Math.max(0, beatOf(Date.now()) - (await ledger.beat()));
    return { holds: late === 0 && behind <= 3, figure: say.leaving(late, behind) };
  } catch {
    return { holds: false, figure: say.ledgerUnreadable };
  }
}
