import { createHash } from 'node:crypto';
import { rep, settle, tokenAnswer } from '../../../../../test/backend';
import { code, connection, Tab } from '../../../../../test/connections';

type Connections = typeof import('c/oneshotConnections');
type View = import('c/oneshotConnections').ConnectionsView;
type Row = import('c/oneshotConnections').ConnectionView;

const live = { status: 'connected', label: 'rep@demo.example', since: '2026-11-24T12:02:00.000Z' } as const;
const message = { source: 'oneshot', type: 'connection', provider: 'gmail', code };
const refusal = (problem: string): object => ({
  source: 'oneshot',
  type: 'connection-error',
  provider: 'gmail',
  error: { code: problem, message: 'm' },
});

let tab: Tab;
let connections: Connections;
let view: View;
let leave: () => void;

const row = (provider = 'gmail'): Row => {
  const found = view.rows.find((each) => each.connection.provider === provider);
  if (!found) throw new Error(`${provider} is not there`);
  return found;
};
const trips = (): Tab['opened'] => tab.opened.filter(({ url }) => url.pathname.endsWith('/go'));
const starts = (provider = 'gmail'): number => tab.backend.of(`POST /v1/connections/${provider}/start`).length;

/** A signed-in rep with a panel on the screen. */
async function begin(): Promise<void> {
  await tab.load();
  connections = require('c/oneshotConnections') as Connections;
  connections.subscribe((next) => (view = next));
  await tab.signIn();
  leave = connections.open();
  await settle();
}

beforeEach(async () => {
  tab = new Tab();
  tab.backend.on('POST /v1/connections/gmail/finish', () => {
    tab.set('gmail', live);
    return { body: connection('gmail', live) };
  });
  await begin();
});
afterEach(async () => {
  leave();
  await tab.close();
});

describe('the way to a provider', () => {
  test('is known before the click, which opens it in its own turn', () => {
    expect(row().isReady).toBe(true);
    const asked = tab.backend.asked.length;
    connections.connect('gmail');
    expect(trips()).toHaveLength(1);
    expect(trips()[0]).toMatchObject({ name: 'oneshot-connect', asked });
    expect(row().doing).toBe('waiting');
  });

  test('is asked for with this page\u2019s origin and a challenge of its own for each provider', () => {
    const bodies = ['gmail', 'outlook', 'outreach'].map(
      (provider) => tab.backend.of(`POST /v1/connections/${provider}/start`)[0]?.body as Record<string, string>,
    );
    expect(bodies.map(({ origin }) => origin)).toEqual(Array(3).fill(window.location.origin));
    expect(new Set(bodies.map(({ challenge }) => challenge)).size).toBe(3);
  });

  test('is renewed before it ends, for as long as a panel is on the screen', async () => {
    await tab.pass(4 * 60_000 - 1_000);
    expect(starts()).toBe(1);
    await tab.pass(2_000);
    expect(starts()).toBe(2);
    leave();
    await tab.pass(10 * 60_000);
    expect(starts()).toBe(2);
    connections.connect('gmail');
    expect(trips()).toHaveLength(0);
  });

  test('is not asked for where nothing is to be connected', async () => {
    tab.set('outlook', live);
    tab.set('outreach', { status: 'blocked', reason: 'key_edited' });
    await connections.read();
    await tab.pass(5 * 60_000);
    expect([starts('outlook'), starts('outreach')]).toEqual([1, 1]);
  });

  test('is not said to be ready after it was dropped, where the panel opens again or a connection ends', async () => {
    expect(row().isReady).toBe(true);
    leave();
    expect(row().isReady).toBe(false);
    leave = connections.open();
    expect(row().isReady).toBe(false);
    await settle();
    expect(row().isReady).toBe(true);
    tab.set('gmail', live);
    await connections.read();
    tab.set('gmail', { status: 'reconnect', reason: 'revoked' });
    await connections.read();
    // The list is there, and the way to the provider is not yet.
    expect(row()).toMatchObject({ connection: { status: 'reconnect' }, isReady: false });
    await settle();
    expect(row().isReady).toBe(true);
  });

  test('to another place than the backend is refused', async () => {
    tab.backend.on('POST /v1/connections/gmail/start', {
      body: {
        url: 'https://us.api.oneshot.example.evil.example/v1/connections/gmail/go',
        expiresAt: '2026-11-24T12:30:00Z',
      },
    });
    leave();
    leave = connections.open();
    await settle();
    expect(row().problem?.code).toBe('bad_answer');
    connections.connect('gmail');
    expect(trips()).toHaveLength(0);
  });

  test('that was slept over is made anew, and the rep is told to click once more', async () => {
    jest.setSystemTime(Date.now() + 6 * 60_000);
    connections.connect('gmail');
    expect(trips()).toHaveLength(0);
    expect(row()).toMatchObject({ isClickAgain: true, isReady: false });
    await settle();
    expect(row()).toMatchObject({ isClickAgain: true, isReady: true });
    connections.connect('gmail');
    expect(trips()).toHaveLength(1);
    expect(row().isClickAgain).toBe(false);
  });

  test('is explained where the org has no key object', async () => {
    tab.backend.on('POST /v1/connections/gmail/start', {
      status: 409,
      body: { error: { code: 'key_object_missing', message: 'm' } },
    });
    leave();
    leave = connections.open();
    await settle();
    expect(row()).toMatchObject({ isReady: false, problem: { code: 'key_object_missing' } });
  });
});

describe('the popup', () => {
  test('that comes back with a code connects, with the verifier of its own challenge', async () => {
    connections.connect('gmail');
    await tab.arrive(message);
    const [finish] = tab.backend.of('POST /v1/connections/gmail/finish');
    const { verifier, ...body } = finish?.body as { code: string; verifier: string };
    expect(body).toEqual({ code });
    const asked = tab.backend.of('POST /v1/connections/gmail/start')[0]?.body as { challenge: string };
    expect(asked.challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
    expect(finish?.headers['idempotency-key']).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(row()).toMatchObject({ doing: 'nothing', problem: null, connection: { status: 'connected' } });
  });

  test.each([
    ['from another origin', message, 'https://evil.example'],
    ['from this page itself', message, 'http://localhost'],
    ['of a sign-in', { source: 'oneshot', type: 'sign-in', code }, undefined],
    ['of another provider', { ...message, provider: 'outlook' }, undefined],
    ['without a provider', { source: 'oneshot', type: 'connection', code }, undefined],
    ['with a part too many', { ...message, token: 'x' }, undefined],
    ['with a code that is none', { ...message, code: 'x' }, undefined],
    ['of an error of another provider', { ...refusal('access_denied'), provider: 'outreach' }, undefined],
  ])('is not answered by a message %s', async (_name, data, origin) => {
    connections.connect('gmail');
    await tab.arrive(data, origin);
    expect(row()).toMatchObject({ doing: 'waiting', problem: null });
    expect(tab.backend.of('POST /v1/connections/gmail/finish')).toHaveLength(0);
  });

  test('counts once, and none is heard where none was opened', async () => {
    await tab.arrive(message);
    connections.connect('gmail');
    await tab.arrive(message);
    await tab.arrive({ ...message, code: `${code}2` });
    expect(tab.backend.of('POST /v1/connections/gmail/finish')).toHaveLength(1);
  });

  test('for another provider takes the window over: the first waits no longer', async () => {
    connections.connect('gmail');
    connections.connect('outlook');
    expect([row('gmail').doing, row('outlook').doing]).toEqual(['nothing', 'waiting']);
    await tab.arrive(message);
    expect(tab.backend.of('POST /v1/connections/gmail/finish')).toHaveLength(0);
  });

  test('leaves a sign-in that waits beside it alone', async () => {
    connections.connect('gmail');
    tab.session.signIn(() => undefined);
    await tab.arrive();
    await tab.arrive(message);
    expect(row().connection.status).toBe('connected');
  });

  test('that is blocked is told, and its way is good for the next click', async () => {
    tab.isBlocked = true;
    connections.connect('gmail');
    expect(row()).toMatchObject({ doing: 'nothing', problem: { code: 'popup_blocked' } });
    tab.isBlocked = false;
    connections.connect('gmail');
    expect(trips()).toHaveLength(1);
    expect(row().problem).toBeNull();
  });

  test('that was closed, or whose opener was severed, may be opened again', async () => {
    connections.connect('gmail');
    await settle();
    connections.connect('gmail');
    expect(new Set(trips().map(({ url }) => url.search)).size).toBe(2);
    await tab.arrive(message);
    expect(row().connection.status).toBe('connected');
  });

  test('that never comes back is waited for ten minutes', async () => {
    connections.connect('gmail');
    await tab.pass(10 * 60_000);
    expect(row().doing).toBe('nothing');
  });

  test('that was denied is told, with what the backend says now', async () => {
    connections.connect('gmail');
    await tab.arrive(refusal('access_denied'));
    expect(row()).toMatchObject({ doing: 'nothing', problem: { code: 'access_denied' } });
    expect(tab.backend.of('GET /v1/connections').length).toBeGreaterThan(1);
  });

  test.each([
    [422, 'scope_missing'],
    [409, 'other_account'],
    [409, 'key_object_missing'],
    [400, 'invalid_code'],
  ])('whose code is refused with %i %s says so, and asks once', async (status, problem) => {
    tab.backend.on('POST /v1/connections/gmail/finish', { status, body: { error: { code: problem, message: 'm' } } });
    connections.connect('gmail');
    await tab.arrive(message);
    expect(row()).toMatchObject({ doing: 'nothing', problem: { code: problem, status } });
    expect(tab.backend.of('POST /v1/connections/gmail/finish')).toHaveLength(1);
  });

  test('whose answer is lost is asked for again with the same key', async () => {
    let isLost = true;
    tab.backend.on('POST /v1/connections/gmail/finish', () => {
      if (isLost) {
        isLost = false;
        throw new TypeError('Failed to fetch');
      }
      tab.set('gmail', live);
      return { body: connection('gmail', live) };
    });
    connections.connect('gmail');
    await tab.arrive(message);
    expect(row().doing).toBe('finishing');
    await tab.pass(1_000);
    const keys = tab.backend.of('POST /v1/connections/gmail/finish').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(row().connection.status).toBe('connected');
  });
});

describe('disconnecting', () => {
  test.each(['revoked', 'no_endpoint', 'failed'])('tells what it did: %s', async (revocation) => {
    tab.set('gmail', live);
    await connections.read();
    tab.backend.on('DELETE /v1/connections/gmail', () => {
      tab.set('gmail', { status: 'not_connected', label: null });
      return { body: { revocation } };
    });
    await connections.disconnect('gmail');
    await settle();
    expect(row()).toMatchObject({
      doing: 'nothing',
      revocation,
      isReady: true,
      connection: { status: 'not_connected' },
    });
    connections.dismiss('gmail');
    expect(row().revocation).toBeNull();
  });

  test('that fails leaves the connection and says why', async () => {
    tab.set('gmail', live);
    await connections.read();
    tab.backend.on('DELETE /v1/connections/gmail', { status: 503, body: { error: { code: 'database_unavailable' } } });
    await connections.disconnect('gmail');
    expect(row()).toMatchObject({ problem: { code: 'database_unavailable' }, connection: { status: 'connected' } });
  });
});

describe('the session', () => {
  test('that is over turns the click into a sign-in; the rep is told to click once more', async () => {
    await tab.pass(60 * 60_000);
    connections.connect('gmail');
    expect(tab.opened.at(-1)?.name).toBe('oneshot-sign-in');
    await tab.arrive();
    expect(row()).toMatchObject({ isClickAgain: true, isReady: true });
    connections.connect('gmail');
    expect(tab.opened.at(-1)?.name).toBe('oneshot-connect');
  });

  test('of another rep shows nothing of the first one\u2019s', async () => {
    tab.set('gmail', live);
    await connections.read();
    tab.backend.on('POST /v1/auth/token', () => tokenAnswer(Date.now(), 60, { ...rep, id: 'rep-2' }));
    tab.backend.on('GET /v1/connections', () => new Promise(() => undefined));
    await tab.signIn();
    expect(view.rows).toEqual([]);
  });

  test('that ends by signing out leaves nothing', async () => {
    await tab.session.signOut();
    expect(view).toEqual({ phase: 'unknown', rows: [], problem: null });
  });

  test('brings a first list with who is signed in, without a panel and without a way', async () => {
    leave();
    tab.set('gmail', { status: 'reconnect', reason: 'password_changed' });
    tab.backend.on('GET /v1/me', {
      body: { user: rep, org: {}, settings: { cache: {} }, setUp: true, connections: tab.connections },
    });
    const before = starts();
    await tab.signIn();
    expect(row().connection.status).toBe('reconnect');
    expect(starts()).toBe(before);
  });
});

test('a list that cannot be read says why, and reading again mends it', async () => {
  tab.backend.on('GET /v1/connections', {
    status: 503,
    headers: { 'retry-after': '60' },
    body: { error: { code: 'x' } },
  });
  await connections.read();
  expect(view).toMatchObject({ phase: 'ready', problem: { status: 503 } });
  tab.backend.on('GET /v1/connections', () => ({ body: { rows: tab.connections } }));
  await connections.read();
  expect(view.problem).toBeNull();
});
