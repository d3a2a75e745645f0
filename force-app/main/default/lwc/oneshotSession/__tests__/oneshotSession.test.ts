import { createHash } from 'node:crypto';
import { FakeBackend, type Reply, rep, settle, tokenAnswer } from '../../../../../test/backend';

type Session = typeof import('c/oneshotSession');
const us = 'https://us.api.oneshot.example';
const eu = 'https://eu.api.oneshot.example';
const code = 'c0de-0123456789_abcdefg';
const start = Date.parse('2026-11-24T12:00:00Z');
const me = { user: rep, org: {}, settings: { cache: { enabled: true, minutes: 60 } }, setUp: true };

let session: Session;
let backend: FakeBackend;
let view: import('c/oneshotSession').SessionView;
let opened: URL[];
let popup: { focus: jest.Mock; closed: boolean } | null;

/** A page of its own for each test: the module holds the session, as in a tab. */
async function load(): Promise<void> {
  jest.resetModules();
  session = require('c/oneshotSession') as Session;
  session.subscribe((next) => (view = next));
  await settle();
}

function post(data: unknown, origin = us): void {
  window.dispatchEvent(new MessageEvent('message', { data, origin }));
}

const signInMessage = { source: 'oneshot', type: 'sign-in', code };

async function arrive(data: unknown = signInMessage, origin = us): Promise<void> {
  post(data, origin);
  await settle();
}

async function signIn(click?: () => void): Promise<void> {
  session.whenSignedIn(click ?? (() => undefined));
  await arrive();
}

beforeEach(async () => {
  backend = new FakeBackend();
  backend.on('POST /v1/auth/token', () => tokenAnswer(start));
  backend.on('GET /v1/me', { body: me });
  backend.on('GET /v1/accounts', { body: { rows: [], facets: {}, freshness: {} } });
  opened = [];
  popup = { focus: jest.fn(), closed: false };
  window.open = ((url: string) => {
    opened.push(new URL(url));
    return popup;
  }) as unknown as typeof window.open;
  await load();
  jest.useFakeTimers({ now: start });
});
afterEach(async () => {
  // This test's module must not hear the next one's messages.
  await session.signOut();
  jest.useRealTimers();
});

describe('the click', () => {
  test('opens the popup in the same turn, with no request before it', () => {
    session.whenSignedIn(() => undefined);
    expect(opened).toHaveLength(1);
    expect(backend.asked).toHaveLength(0);
    expect(view.signIn).toBe('waiting');
  });

  test('gives the backend this page\u2019s origin and the digest of a verifier of 256 bits', async () => {
    await signIn();
    const { challenge, origin } = Object.fromEntries(opened[0]?.searchParams ?? []);
    const { verifier } = backend.of('POST /v1/auth/token')[0]?.body as { verifier: string };
    expect(origin).toBe(window.location.origin);
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
  });

  test('never uses a verifier twice', async () => {
    session.whenSignedIn(() => undefined);
    session.whenSignedIn(() => undefined);
    await settle();
    session.whenSignedIn(() => undefined);
    const challenges = opened.map((url) => url.searchParams.get('challenge'));
    expect(new Set(challenges).size).toBe(3);
  });

  test('is done after signing in, once', async () => {
    const click = jest.fn();
    await signIn(click);
    expect(click).toHaveBeenCalledTimes(1);
    expect(view).toMatchObject({ status: 'signedIn', signIn: 'idle', user: rep });
    session.whenSignedIn(click);
    expect(click).toHaveBeenCalledTimes(2);
    expect(opened).toHaveLength(1);
  });

  test('a blocked popup is told, and the next click tries again and still does what was clicked', async () => {
    const click = jest.fn();
    popup = null;
    session.whenSignedIn(click);
    expect(view).toMatchObject({ signIn: 'idle', problem: { code: 'popup_blocked' } });
    popup = { focus: jest.fn(), closed: false };
    session.signIn();
    expect(view.problem).toBeNull();
    await arrive();
    expect(click).toHaveBeenCalledTimes(1);
  });

  test('a blocker that throws is told the same way', () => {
    window.open = () => {
      throw new Error('blocked');
    };
    session.whenSignedIn(() => undefined);
    expect(view.problem?.code).toBe('popup_blocked');
  });

  test('a page without WebCrypto says that it cannot sign in', async () => {
    jest.useRealTimers();
    const original = globalThis.crypto;
    Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues: () => [] }, configurable: true });
    await load();
    session.whenSignedIn(() => undefined);
    await settle();
    Object.defineProperty(globalThis, 'crypto', { value: original, configurable: true });
    expect(view.problem?.code).toBe('not_ready');
    expect(opened).toHaveLength(0);
  });

  test('before the page could make a verifier opens the popup a moment later, and of two clicks the last one', async () => {
    for (let taken = 0; taken < 2; taken += 1) session.whenSignedIn(() => undefined);
    opened.length = 0;
    const clicks = [jest.fn(), jest.fn()];
    for (const click of clicks) session.whenSignedIn(click);
    expect(opened).toHaveLength(0);
    await settle();
    expect(opened).toHaveLength(1);
    await arrive();
    expect(clicks.map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  });
});

describe('messages', () => {
  test.each([
    ['from another origin', signInMessage, 'https://evil.example'],
    ['from an origin that only begins like ours', signInMessage, `${us}.evil.example`],
    ['from another port', signInMessage, `${us}:444`],
    ['from this page itself', signInMessage, window.location.origin],
    ['without an origin', signInMessage, 'null'],
    ['from another source', { ...signInMessage, source: 'other' }, us],
    ['of another type', { ...signInMessage, type: 'connection' }, us],
    ['with a part too many', { ...signInMessage, token: 'x' }, us],
    ['with a code that is no text', { ...signInMessage, code: { text: code } }, us],
    ['with a code that is too short', { ...signInMessage, code: 'abc' }, us],
    ['with a code of other characters', { ...signInMessage, code: `${code}/../x` }, us],
    ['that are text', JSON.stringify(signInMessage), us],
    ['that are null', null, us],
    ['of an error without a code', { source: 'oneshot', type: 'sign-in-error', error: 'x' }, us],
  ])('%s are ignored', async (_name, data, origin) => {
    session.whenSignedIn(() => undefined);
    await arrive(data, origin);
    expect(backend.asked).toHaveLength(0);
    expect(view.signIn).toBe('waiting');
  });

  test('are ignored where no popup of ours is pending', async () => {
    await arrive();
    expect(backend.asked).toHaveLength(0);
  });

  test('are ignored after ten minutes', async () => {
    session.whenSignedIn(() => undefined);
    await jest.advanceTimersByTimeAsync(10 * 60_000);
    expect(view.signIn).toBe('idle');
    await arrive();
    expect(backend.asked).toHaveLength(0);
  });

  test('count once: a second code finds nobody waiting', async () => {
    await signIn();
    await arrive({ ...signInMessage, code: `${code}2` });
    expect(backend.of('POST /v1/auth/token')).toHaveLength(1);
  });

  test('a refusal is told with its code', async () => {
    session.whenSignedIn(() => undefined);
    await arrive({ source: 'oneshot', type: 'sign-in-error', error: { code: 'access_denied', message: 'm' } });
    expect(view).toMatchObject({ status: 'signedOut', signIn: 'idle', problem: { code: 'access_denied' } });
  });

  test('a popup that was closed, or whose opener was severed, is no failure: the next click is a new trip', async () => {
    session.whenSignedIn(() => undefined);
    if (popup) popup.closed = true;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(view).toMatchObject({ signIn: 'waiting', problem: null });
    await signIn();
    expect(opened).toHaveLength(2);
    expect(view.status).toBe('signedIn');
    const { verifier } = backend.of('POST /v1/auth/token')[0]?.body as { verifier: string };
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    expect(opened[1]?.searchParams.get('challenge')).toBe(challenge);
  });
});

describe('redeeming the code', () => {
  test('carries a key, and a lost answer is asked for again with the same one', async () => {
    const replies: (Reply | undefined)[] = [
      undefined,
      { status: 503, body: { error: { code: 'database_unavailable' } } },
    ];
    backend.on('POST /v1/auth/token', () => {
      const reply = replies.shift();
      if (reply) return reply;
      if (replies.length === 1) throw new TypeError('Failed to fetch');
      return tokenAnswer(start);
    });
    session.whenSignedIn(() => undefined);
    await arrive();
    expect(view.signIn).toBe('exchanging');
    await jest.advanceTimersByTimeAsync(3_000);
    const calls = backend.of('POST /v1/auth/token');
    expect(calls).toHaveLength(3);
    expect(new Set(calls.map((call) => call.headers['idempotency-key'])).size).toBe(1);
    expect(calls[0]?.headers['idempotency-key']).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(view.status).toBe('signedIn');
  });

  test.each([
    [403, 'permission_missing'],
    [403, 'user_inactive'],
    [403, 'app_not_installed'],
    [403, 'app_not_approved'],
    [403, 'api_disabled'],
    [403, 'region_unreadable'],
    [400, 'invalid_code'],
  ])('%i %s ends it with that code, asked once', async (status, problemCode) => {
    backend.on('POST /v1/auth/token', { status, body: { error: { code: problemCode, message: 'm' } } });
    await signIn();
    expect(view).toMatchObject({ status: 'signedOut', signIn: 'idle', problem: { code: problemCode, status } });
    expect(backend.of('POST /v1/auth/token')).toHaveLength(1);
  });

  test('an unreachable backend is told after the repetitions', async () => {
    backend.on('POST /v1/auth/token', () => {
      throw new TypeError('Failed to fetch');
    });
    await signIn();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(view.problem?.code).toBe('network');
    expect(backend.of('POST /v1/auth/token')).toHaveLength(4);
  });

  test('a token that is none is refused', async () => {
    backend.on('POST /v1/auth/token', { body: { token: 'x', user: rep, org: {}, expiresAt: '' } });
    await signIn();
    expect(view).toMatchObject({ status: 'signedOut', problem: { code: 'bad_answer' } });
  });
});

describe('the home region', () => {
  test('decides which backend is opened and listened to', async () => {
    session.setHomeRegion('eu');
    session.whenSignedIn(() => undefined);
    expect(opened[0]?.origin).toBe(eu);
    await arrive(signInMessage, us);
    expect(backend.asked).toHaveLength(0);
    await arrive(signInMessage, eu);
    expect(view.status).toBe('signedIn');
  });

  test.each([[undefined], [null], ['mars'], ['constructor'], ['']])('%p leaves the default', (name) => {
    session.setHomeRegion(name);
    session.whenSignedIn(() => undefined);
    expect(opened[0]?.origin).toBe(us);
  });

  test('421 offers the right region, which then does what was clicked', async () => {
    const click = jest.fn();
    const error = { code: 'wrong_region', message: 'm', url: eu };
    backend.on('POST /v1/auth/token', ({ body }) =>
      (body as { code: string }).code === code ? { status: 421, body: { error } } : tokenAnswer(start),
    );
    await signIn(click);
    expect(view).toMatchObject({ continueIn: 'eu', problem: { code: 'wrong_region' } });
    session.continueInHomeRegion();
    expect(opened[1]?.origin).toBe(eu);
    await arrive({ ...signInMessage, code: `${code}2` }, eu);
    expect(click).toHaveBeenCalledTimes(1);
  });

  test('421 to an address that is not in the package\u2019s list is not followed', async () => {
    const error = { code: 'wrong_region', message: 'm', url: `${eu}.evil.example` };
    backend.on('POST /v1/auth/token', { status: 421, body: { error } });
    await signIn();
    expect(view.continueIn).toBeNull();
    session.continueInHomeRegion();
    expect(opened).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  test('is told five minutes ahead, and "Stay signed in" goes on without a gap', async () => {
    await signIn();
    await jest.advanceTimersByTimeAsync(54 * 60_000);
    expect(view.endsSoon).toBe(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(view).toMatchObject({ status: 'signedIn', endsSoon: true });
    backend.on('POST /v1/auth/token', () => tokenAnswer(Date.now()));
    session.signIn();
    expect(view.status).toBe('signedIn');
    await arrive();
    expect(view).toMatchObject({ status: 'signedIn', endsSoon: false, signIns: 2 });
    await jest.advanceTimersByTimeAsync(30 * 60_000);
    expect(view.status).toBe('signedIn');
  });

  test('comes by itself, and the next click opens the popup in the same turn', async () => {
    await signIn();
    await jest.advanceTimersByTimeAsync(60 * 60_000);
    expect(view).toMatchObject({ status: 'expired', user: rep });
    const click = jest.fn();
    session.whenSignedIn(click);
    expect(opened).toHaveLength(2);
    expect(click).not.toHaveBeenCalled();
  });

  test('counts from the receipt: a laptop whose clock is hours off signs in and out like any other', async () => {
    jest.setSystemTime(start + 7 * 3_600_000);
    await signIn();
    expect(view.status).toBe('signedIn');
    expect(session.serverNow() - start).toBeLessThan(1_000);
    await jest.advanceTimersByTimeAsync(54 * 60_000);
    expect(session.isSignedIn()).toBe(true);
    await jest.advanceTimersByTimeAsync(6 * 60_000);
    expect(session.isSignedIn()).toBe(false);
  });

  test('is noticed by the click after the laptop slept, before any timer ran', async () => {
    await signIn();
    jest.setSystemTime(start + 2 * 3_600_000);
    session.whenSignedIn(() => undefined);
    expect(opened).toHaveLength(2);
    expect(view.status).toBe('expired');
  });

  test('comes with a 401, which does not open a popup', async () => {
    backend.on('GET /v1/accounts', { status: 401, body: { error: { code: 'session_ended' } } });
    await signIn();
    await expect(session.listAccounts({})).rejects.toMatchObject({ code: 'session_ended', needsSignIn: true });
    expect(view.status).toBe('expired');
    expect(opened).toHaveLength(1);
  });

  test('a late 401 of an older token leaves the newer session alone', async () => {
    let answer: (reply: Reply) => void = () => undefined;
    backend.on('GET /v1/accounts', () => new Promise<Reply>((resolve) => (answer = resolve)));
    await signIn();
    const old = session.listAccounts({}).catch(() => 'failed');
    await settle();
    session.signIn();
    await arrive();
    answer({ status: 401, body: { error: { code: 'session_ended' } } });
    await expect(old).resolves.toBe('failed');
    expect(view.status).toBe('signedIn');
  });

  test('a call without a session fails without a request', async () => {
    await expect(session.listAccounts({})).rejects.toMatchObject({ code: 'session_ended' });
    expect(backend.asked).toHaveLength(0);
  });
});

describe('signing out', () => {
  test('drops the token at once and tells the backend with it', async () => {
    backend.on('POST /v1/auth/sign-out', { status: 204 });
    await signIn();
    const done = session.signOut();
    expect(view).toMatchObject({ status: 'signedOut', user: null, me: null });
    await expect(done).resolves.toBe(true);
    expect(backend.of('POST /v1/auth/sign-out')[0]?.headers.authorization).toMatch(/^Bearer /);
    await expect(session.listAccounts({})).rejects.toMatchObject({ code: 'session_ended' });
  });

  test('says so where the backend could not be told', async () => {
    await signIn();
    await expect(session.signOut()).resolves.toBe(false);
    expect(view.status).toBe('signedOut');
  });

  test('ends a sign-in that is under way', async () => {
    let answer: (reply: Reply) => void = () => undefined;
    backend.on('POST /v1/auth/token', () => new Promise<Reply>((resolve) => (answer = resolve)));
    const click = jest.fn();
    session.whenSignedIn(click);
    await arrive();
    await session.signOut();
    answer(tokenAnswer(start));
    await settle();
    expect(view.status).toBe('signedOut');
    expect(click).not.toHaveBeenCalled();
  });
});

test('several components share one session, and one that left hears nothing more', async () => {
  const [first, second] = [jest.fn(), jest.fn()];
  session.subscribe(first);
  const leave = session.subscribe(second);
  leave();
  await signIn();
  expect(first).toHaveBeenLastCalledWith(expect.objectContaining({ status: 'signedIn' }));
  expect(second).toHaveBeenCalledTimes(1);
});

test('the token leaves the module by no export, no storage, no cookie and no log', async () => {
  const logs = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => jest.spyOn(console, name));
  const answer = tokenAnswer(start);
  backend.on('POST /v1/auth/token', () => answer);
  await signIn();
  const { token } = answer.body as { token: string };
  expect(JSON.stringify([session, view])).not.toContain(token);
  expect(Object.values(session).filter((value) => typeof value !== 'function')).toEqual([]);
  expect([localStorage.length, sessionStorage.length, document.cookie]).toEqual([0, 0, '']);
  for (const log of logs) expect(log).not.toHaveBeenCalled();
});
