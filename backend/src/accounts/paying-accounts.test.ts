import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { account, AccountSource, sendJson, type SourceAccount } from '../../test/account-source.ts';
import { SessionEnded } from '../auth/problems.ts';
import type { Rep } from '../auth/rep.ts';
import { createLog } from '../http/log.ts';
import { CrmLimitReached, CrmSessionExpired, CrmUnavailable } from '../salesforce/errors.ts';
import { defaultSettings } from '../settings/defaults.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { Freshness } from './freshness.ts';
import { ErasableMemory } from './list/memory.ts';
import { PayingAccounts } from './paying-accounts.ts';

const ORG = 'org_AAAAAAAAAAAAAAAAAAAAAA';
const USER = 'usr_AAAAAAAAAAAAAAAAAAAAAA';

let source: AccountSource;
let accounts: PayingAccounts;
let settings: OrgSettings;
let memory: ErasableMemory;
/** Every buffer that ever held rows. */
let buffers: Buffer[];
let lines: Record<string, unknown>[];
let sessions = 0;
const never = new AbortController().signal;

beforeEach(async () => {
  source = await AccountSource.listen();
  source.accounts = many(20);
  source.pageSize = 5;
  settings = defaultSettings('us');
  memory = new ErasableMemory();
  buffers = [];
  memory.watch((buffer) => buffers.push(buffer));
  lines = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const log = createLog('info', sink);
  accounts = new PayingAccounts({ settingsOf: () => Promise.resolve({ settings, isSaved: false }), log, memory });
});

afterEach(async () => {
  accounts.close();
  expect(withData()).toEqual([]);
  expect(memory).toMatchObject({ bytes: 0, buffers: 0 });
  await source.close();
});

const many = (count: number, changes: Record<string, unknown> = {}): SourceAccount[] =>
  Array.from({ length: count }, (_, number) => account(number, changes));

/** Sizes of the buffers that do not read zero. */
const withData = (): number[] =>
  buffers.filter((buffer) => buffer.some((byte) => byte !== 0)).map((buffer) => buffer.length);

/** A session that signs in now. */
function signIn(changes: Partial<Rep> = {}): Rep {
  sessions += 1;
  return {
    userId: USER,
    orgId: ORG,
    sessionId: `ses_${String(sessions).padStart(22, 'A')}`,
    salesforceUserId: '005000000000001AAA',
    salesforceOrgId: '00D000000000001AAA',
    isAdmin: false,
    origin: 'https://acme.lightning.force.com',
    signedInAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    crm: source.connect(),
    ...changes,
  };
}

interface Answer {
  readonly freshness: Freshness;
  readonly names: readonly string[];
}

function ask(
  rep: Rep,
  options: { readonly isPartial?: boolean; readonly isContinued?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Answer> {
  const signal = options.signal ?? new AbortController().signal;
  const query = { sort: 'arr', order: 'desc', offset: 0, limit: 200 } as const;
  return accounts.withList(
    rep,
    {
      isPartial: options.isPartial ?? false,
      isContinued: options.isContinued ?? false,
      signal: () => signal,
      order: query,
    },
    ({ list, freshness }) => {
      const body = list.page(query, () => ({ before: '{"rows":', after: '}' })).toString('utf8');
      return { freshness, names: (JSON.parse(body) as { rows: { name: string }[] }).rows.map((row) => row.name) };
    },
  );
}

const signOut = (rep: Rep): void =>
  accounts.sessionsEnded({ scope: 'session', orgId: rep.orgId, userId: rep.userId, sessionIds: [rep.sessionId] });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the next page from the given one on wait until it is let go. */
function holdPage(number: number): { readonly reached: Promise<void>; letGo: () => void } {
  let reach = (): void => undefined;
  let letGo = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (letGo = resolve));
  let isHeld = true;
  source.misbehave = (request, response) => {
    if (!isHeld || request.url?.endsWith(`Account-${number * 5}`) !== true) return false;
    isHeld = false;
    reach();
    void opened.then(() => {
      const records = source.accounts.slice(number * 5, number * 5 + 5);
      const next = `/services/data/v66.0/query/Account-${number * 5 + 5}`;
      const isLast = number * 5 + 5 >= source.accounts.length;
      sendJson(response, {
        totalSize: source.accounts.length,
        records,
        done: isLast,
        ...(isLast ? {} : { nextRecordsUrl: next }),
      });
    });
    return true;
  };
  return { reached, letGo };
}

describe('one pull for all who ask', () => {
  test('50 requests while it runs', async () => {
    const rep = signIn();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(rep)));
    expect(source.pulls).toBe(1);
    expect(answers.every(({ names }) => names.length === 20)).toBe(true);
    expect(answers.every(({ freshness }) => freshness.source === 'live' && freshness.complete)).toBe(true);
    expect((await ask(rep)).freshness).toMatchObject({ source: 'memory', complete: true, fetched: 20, total: 20 });
    expect(source.pulls).toBe(1);
  });

  test('fetchedAt is when it began and expiresAt is the cache minutes later', async () => {
    settings = { ...settings, cache: { enabled: true, minutes: 7 } };
    const before = Date.now();
    const { freshness } = await ask(signIn());
    const began = Date.parse(freshness.fetchedAt);
    expect(began).toBeGreaterThanOrEqual(before);
    expect(began).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(freshness.expiresAt)).toBe(began + 7 * 60_000);
  });

  test('two reps pull each for themselves and are never served from one another', async () => {
    const one = signIn();
    const other = signIn({ userId: 'usr_BBBBBBBBBBBBBBBBBBBBBB' });
    await ask(one);
    source.accounts = many(3, { Name: 'other' });
    expect((await ask(other)).names).toEqual(['other', 'other', 'other']);
    expect((await ask(one)).names).toHaveLength(20);
    expect(source.pulls).toBe(2);
    signOut(other);
    expect((await ask(one)).names).toHaveLength(20);
    expect(source.pulls).toBe(2);
  });
});

describe('every sign-in pulls afresh', () => {
  test('a list from before never serves the new session; the old one keeps it until the new one is complete', async () => {
    const old = signIn();
    await ask(old);
    await pause(2);
    source.accounts = many(20, { Name: 'new' });
    const fresh = signIn();
    const held = holdPage(2);
    const asked = ask(fresh);
    await held.reached;
    const meanwhile = await ask(old);
    expect(meanwhile.names).toContain('Account 3');
    expect(meanwhile.freshness.source).toBe('memory');
    held.letGo();
    expect(new Set((await asked).names)).toEqual(new Set(['new']));
    expect(new Set((await ask(old)).names)).toEqual(new Set(['new']));
    expect(source.pulls).toBe(2);
  });

  test('it joins a pull begun after that sign-in', async () => {
    const first = signIn();
    const second = signIn();
    await pause(2);
    await Promise.all([ask(first), ask(second)]);
    expect(source.pulls).toBe(1);
  });

  test('a pull begun before is given up for the new one, which serves both', async () => {
    const first = signIn();
    const held = holdPage(1);
    const waiting = ask(first);
    await held.reached;
    await pause(2);
    const second = signIn();
    const answers = await Promise.all([waiting, ask(second)]);
    held.letGo();
    expect(answers.map(({ names }) => names.length)).toEqual([20, 20]);
    expect(source.pulls).toBe(2);
  });
});

describe('partial answers', () => {
  test('come from the first page on, and say how far it is', async () => {
    const rep = signIn();
    const held = holdPage(2);
    const first = await ask(rep, { isPartial: true });
    expect(first.freshness).toMatchObject({ source: 'memory', complete: false, total: 20 });
    expect(first.names.length).toBeGreaterThanOrEqual(5);
    expect(first.names.length).toBeLessThanOrEqual(10);
    await held.reached;
    const second = await ask(rep, { isPartial: true });
    expect(second.names.slice(0, first.names.length)).toEqual(first.names);
    held.letGo();
    expect((await ask(rep)).freshness).toMatchObject({ source: 'live', complete: true });
    expect((await ask(rep, { isPartial: true })).freshness).toMatchObject({ source: 'memory', complete: true });
    expect(source.pulls).toBe(1);
  });

  test('of an org without paying accounts are complete', async () => {
    source.accounts = [];
    expect((await ask(signIn(), { isPartial: true })).freshness).toMatchObject({ complete: true, total: 0 });
  });
});

describe('a pull that breaks off', () => {
  test('is told to whoever goes on with the list, once to whoever begins anew, and then pulled again', async () => {
    const rep = signIn();
    const held = holdPage(2);
    expect((await ask(rep, { isPartial: true })).freshness.complete).toBe(false);
    await held.reached;
    const hold = source.misbehave;
    source.misbehave = (request, response, number) => {
      if (hold(request, response, number)) return true;
      if (!/Account-\d+$/.test(request.url ?? '')) return false;
      sendJson(response, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'canary' }], 403);
      return true;
    };
    held.letGo();
    await until(() => lines.some(({ problem }) => problem === 'crm_limit'));
    source.misbehave = () => false;
    const pulls = source.pulls;
    for (const isContinued of [true, true, false])
      await expect(ask(rep, { isPartial: true, isContinued })).rejects.toBeInstanceOf(CrmLimitReached);
    expect(source.pulls).toBe(pulls);
    expect((await ask(rep)).names).toHaveLength(20);
    expect((await ask(rep, { isPartial: true })).freshness.complete).toBe(true);
  });

  test('says nothing to whoever signs in after it', async () => {
    const rep = signIn();
    const held = holdPage(2);
    await ask(rep, { isPartial: true });
    await held.reached;
    source.misbehave = (_request, response) => {
      sendJson(response, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'canary' }], 403);
      return true;
    };
    held.letGo();
    await until(() => lines.some(({ problem }) => problem === 'crm_limit'));
    source.misbehave = () => false;
    await pause(2);
    const next = signIn();
    expect((await ask(next, { isPartial: true })).freshness.fetched).toBeGreaterThan(0);
    expect((await ask(next)).names).toHaveLength(20);
  });
});

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 30_000;
  while (!(await holds()) && Date.now() < deadline) await pause(5);
  expect(await holds()).toBe(true);
};

describe('refresh', () => {
  test('that joined the pull of a session which signs out is pulled again for whoever asked', async () => {
    const [one, two] = [signIn(), signIn()];
    await ask(two);
    let letGo = (): void => undefined;
    const opened = new Promise<void>((resolve) => (letGo = resolve));
    source.misbehave = (request, response) => {
      if (request.url?.includes('/query?q=') !== true) return false;
      source.misbehave = () => false;
      void opened.then(() => sendJson(response, { totalSize: 20, done: true, records: source.accounts }));
      return true;
    };
    const first = accounts.refresh(one, never).catch((error: unknown) => error);
    const joined = accounts.refresh(two, never);
    await pause(20);
    signOut(one);
    letGo();
    expect(await first).toBeInstanceOf(SessionEnded);
    await joined;
    await until(() => accounts.cached(ORG).length === 1);
    expect((await ask(two)).names).toHaveLength(20);
  });

  test('that joined a pull whose session Salesforce ended goes on as the session that asked', async () => {
    const expired = signIn({ crm: source.connect('expired') });
    const two = signIn();
    await ask(two);
    source.misbehave = (request, response) => {
      if (request.headers.authorization !== 'Bearer expired') return false;
      setTimeout(() => sendJson(response, [{ errorCode: 'INVALID_SESSION_ID', message: 'no' }], 401), 30);
      return true;
    };
    const first = accounts.refresh(expired, never).catch((error: unknown) => error);
    await pause(10);
    const joined = accounts.refresh(two, never);
    expect(await first).toBeInstanceOf(CrmSessionExpired);
    expect((await joined).source).toBe('memory');
    expect((await ask(signIn())).names).toHaveLength(20);
  });

  test('pulls again while the old list serves', async () => {
    const rep = signIn();
    const { freshness: before } = await ask(rep);
    source.accounts = many(20, { Name: 'new' });
    const held = holdPage(2);
    expect(await accounts.refresh(rep, never)).toEqual({ ...before, source: 'memory' });
    await accounts.refresh(rep, never);
    await held.reached;
    expect((await ask(rep)).names).toContain('Account 0');
    held.letGo();
    await until(async () => !(await ask(rep)).names.includes('Account 0'));
    expect(new Set((await ask(rep)).names)).toEqual(new Set(['new']));
    expect(source.pulls).toBe(2);
  });

  test('without a list says what is under way', async () => {
    const rep = signIn();
    const held = holdPage(2);
    const said = await accounts.refresh(rep, never);
    expect(said).toMatchObject({ source: 'memory', complete: false, total: 20 });
    held.letGo();
    expect((await ask(rep)).names).toHaveLength(20);
    expect(source.pulls).toBe(1);
  });

  test('that fails leaves the old list', async () => {
    const rep = signIn();
    await ask(rep);
    source.misbehave = (_request, response) => {
      sendJson(response, [{ errorCode: 'INVALID_SESSION_ID', message: '' }], 401);
      return true;
    };
    await expect(accounts.refresh(rep, never)).rejects.toBeInstanceOf(CrmSessionExpired);
    expect((await ask(rep)).names).toHaveLength(20);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'accountsPullFailed', problem: 'crm_session_expired' }),
    );
  });
});

describe('a pull that fails', () => {
  test('discards what it had, and the next request pulls again', async () => {
    const rep = signIn();
    source.misbehave = (request, response) => {
      if (request.url?.endsWith('Account-10') !== true) return false;
      sendJson(response, [{ errorCode: 'INVALID_SESSION_ID', message: '' }], 401);
      return true;
    };
    await expect(ask(rep)).rejects.toBeInstanceOf(CrmSessionExpired);
    expect(withData()).toEqual([]);
    source.misbehave = () => false;
    expect((await ask(rep)).names).toHaveLength(20);
  });

  test('because another session of the rep expired is tried again with one’s own', async () => {
    const held = holdPage(1);
    const first = signIn();
    const failing = ask(first);
    await held.reached;
    const second = signIn({ signedInAt: first.signedInAt });
    const joined = ask(second);
    await pause(10);
    let refused = 0;
    source.misbehave = (request, response) => {
      if (refused > 0 || request.url?.endsWith('Account-10') !== true) return false;
      refused += 1;
      sendJson(response, [{ errorCode: 'INVALID_SESSION_ID', message: '' }], 401);
      return true;
    };
    held.letGo();
    await expect(failing).rejects.toBeInstanceOf(CrmSessionExpired);
    expect((await joined).names).toHaveLength(20);
  });
});

describe('erasure', () => {
  test('sign-out erases the list, and a request of that session that was on its way pulls no more', async () => {
    const rep = signIn();
    await ask(rep);
    expect(withData().length).toBeGreaterThan(0);
    signOut(rep);
    expect(withData()).toEqual([]);
    await expect(ask(rep)).rejects.toBeInstanceOf(SessionEnded);
    expect(source.pulls).toBe(1);
    expect(lines).toContainEqual(expect.objectContaining({ event: 'accountsErased', rows: 20, reason: 'signed_out' }));
  });

  test('sign-out during a pull ends it; another session of the rep pulls for itself', async () => {
    const held = holdPage(2);
    const leaving = signIn();
    const staying = signIn({ signedInAt: leaving.signedInAt });
    const left = ask(leaving);
    const stayed = ask(staying);
    await held.reached;
    signOut(leaving);
    await expect(left).rejects.toBeInstanceOf(SessionEnded);
    expect((await stayed).names).toHaveLength(20);
    expect(source.pulls).toBe(2);
    held.letGo();
  });

  test('revoking all sessions of an org erases all its lists, and no other org’s', async () => {
    const one = signIn();
    const two = signIn({ userId: 'usr_BBBBBBBBBBBBBBBBBBBBBB' });
    const foreign = signIn({ orgId: 'org_BBBBBBBBBBBBBBBBBBBBBB' });
    await Promise.all([ask(one), ask(two), ask(foreign)]);
    expect(accounts.cached(ORG)).toHaveLength(2);
    accounts.sessionsEnded({ scope: 'org', orgId: ORG, sessionIds: [one.sessionId, two.sessionId] });
    expect(accounts.cached(ORG)).toEqual([]);
    expect(accounts.cached(foreign.orgId)).toHaveLength(1);
    await expect(ask(one)).rejects.toBeInstanceOf(SessionEnded);
    await ask(foreign);
    expect(source.pulls).toBe(3);
  });

  test('the list is erased by itself when its time is over, and never served later', async () => {
    // A minute is the shortest time that an admin can choose; the unit takes fractions. A pull has no more time either.
    settings = { ...settings, cache: { enabled: true, minutes: 0.025 } };
    const rep = signIn();
    const { freshness } = await ask(rep);
    await until(() => withData().length === 0);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(freshness.expiresAt) - 2);
    await until(() => lines.some(({ event, reason }) => event === 'accountsErased' && reason === 'expired'));
    await ask(rep);
    expect(source.pulls).toBe(2);
  });

  test('a list whose timer is late is not served', async () => {
    const rep = signIn();
    await ask(rep);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60 * 60_000);
    try {
      expect((await ask(rep)).freshness.source).toBe('live');
      expect(source.pulls).toBe(2);
    } finally {
      now.mockRestore();
    }
  });

  test('a pull never outlasts the time that its rows may be kept', async () => {
    settings = { ...settings, cache: { enabled: true, minutes: 0.004 } };
    const held = holdPage(2);
    await expect(ask(signIn())).rejects.toBeInstanceOf(CrmUnavailable);
    expect(withData()).toEqual([]);
    held.letGo();
  });

  test('a value that somebody plants is seen', async () => {
    await ask(signIn());
    accounts.close();
    expect(withData()).toEqual([]);
    const [buffer] = buffers;
    buffer?.write('planted');
    expect(withData()).toEqual([buffer?.length]);
    buffer?.fill(0);
  });

  test('when nobody waits any more the pull goes on for a while only', async () => {
    const held = holdPage(2);
    const gone = new AbortController();
    const reason = new Error('the tab was closed');
    const rep = signIn();
    const asked = ask(rep, { signal: gone.signal });
    await held.reached;
    gone.abort(reason);
    await expect(asked).rejects.toBe(reason);
    expect(accounts.cached(ORG)).toHaveLength(1);
    held.letGo();
    expect((await ask(rep)).names).toHaveLength(20);
    expect(source.pulls).toBe(1);
  });

  test('and then it ends, with all that it had', async () => {
    accounts.close();
    const log = createLog('silent');
    const settingsOf = () => Promise.resolve({ settings, isSaved: false });
    accounts = new PayingAccounts({ settingsOf, log, memory, abandonedAfterMs: 20 });
    const held = holdPage(2);
    const gone = new AbortController();
    const asked = ask(signIn(), { signal: gone.signal });
    await held.reached;
    gone.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    expect(withData().length).toBeGreaterThan(0);
    await until(() => withData().length === 0);
    expect(accounts.cached(ORG)).toEqual([]);
    held.letGo();
  });

  test('after closing nothing is pulled', async () => {
    accounts.close();
    await expect(ask(signIn())).rejects.toBeInstanceOf(CrmUnavailable);
    expect(source.asked).toEqual([]);
  });
});

describe('the cache off', () => {
  beforeEach(() => {
    settings = { ...settings, cache: { enabled: false, minutes: 60 } };
  });

  test('each request pulls live, and nothing stays after its answer', async () => {
    const rep = signIn();
    for (const pulls of [1, 2]) {
      const { freshness, names } = await ask(rep);
      expect(freshness).toMatchObject({ source: 'live', complete: true });
      expect(names).toHaveLength(20);
      expect(source.pulls).toBe(pulls);
      expect(withData()).toEqual([]);
      expect(accounts.cached(ORG)).toEqual([]);
    }
  });

  test('requests at the same time share one pull; partial ones wait for all of it', async () => {
    const rep = signIn();
    const answers = await Promise.all([ask(rep), ask(rep, { isPartial: true }), ask(rep)]);
    expect(answers.every(({ freshness }) => freshness.complete && freshness.source === 'live')).toBe(true);
    expect(source.pulls).toBe(1);
    expect(withData()).toEqual([]);
  });

  test('a client that goes away ends its pull at once', async () => {
    const held = holdPage(2);
    const gone = new AbortController();
    const asked = ask(signIn(), { signal: gone.signal });
    await held.reached;
    gone.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await until(() => withData().length === 0);
    held.letGo();
  });

  test('a refresh has nothing to renew', async () => {
    expect(await accounts.refresh(signIn(), never)).toMatchObject({ source: 'live', complete: false });
    expect(source.asked).toEqual([]);
  });
});

describe('saved settings', () => {
  test('that turn the cache off erase its lists at once', async () => {
    const rep = signIn();
    await ask(rep);
    settings = { ...settings, cache: { enabled: false, minutes: 60 } };
    accounts.settingsChanged(ORG, settings);
    expect(withData()).toEqual([]);
    expect(lines).toContainEqual(expect.objectContaining({ event: 'accountsErased', reason: 'cache_off' }));
    expect((await ask(rep)).freshness.source).toBe('live');
  });

  test('with another paying field are pulled anew, others leave the list', async () => {
    const rep = signIn();
    await ask(rep);
    settings = { ...settings, sendsPerRepAndDay: 5 };
    accounts.settingsChanged(ORG, settings);
    await ask(rep);
    expect(source.pulls).toBe(1);
    settings = { ...settings, products: { source: 'assets' } };
    accounts.settingsChanged(ORG, settings);
    expect(withData()).toEqual([]);
    await ask(rep);
    expect(source.pulls).toBe(2);
  });
});
