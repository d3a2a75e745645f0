import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Backend, DatabaseLine, freePort, startStack, until, type Stack } from '../test/harness.ts';
import { readPage } from '../test/sign-in.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);
afterAll(() => stack.close());

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

const states = ({ lines }: Backend): unknown[] =>
  lines.filter(({ event }) => event === 'databaseState').map(({ state }) => state);

async function problemOf(url: string): Promise<unknown> {
  return ((await (await fetch(url)).json()) as { error: unknown }).error;
}

describe('the database', () => {
  test('is away at start: the backend listens, says 503, and serves by itself once it is there', async () => {
    const line = await DatabaseLine.open(stack.settings.MONGODB_URI ?? '', true);
    const backend = await Backend.listen({
      ...stack.settings,
      PORT: '0',
      MONGODB_URI: line.uri(stack.settings.MONGODB_URI ?? ''),
      SESSIONS_MONGODB_URI: line.uri(stack.settings.SESSIONS_MONGODB_URI ?? ''),
    });
    try {
      expect(await problemOf(`${backend.url}/v1/me`)).toMatchObject({
        code: 'database_unavailable',
        action: 'retry',
        retryAfter: expect.any(Number),
      });
      const popup = await fetch(
        `${backend.url}/v1/auth/salesforce/start?challenge=x&origin=${encodeURIComponent(backend.origin)}`,
      );
      expect([popup.status, popup.headers.get('cross-origin-opener-policy')]).toEqual([503, 'unsafe-none']);
      const page = await readPage(popup);
      expect(page.message).toMatchObject({ type: 'sign-in-error', error: { code: 'database_unavailable' } });
      expect(page.target).toBe(backend.origin);
      for (const step of ['go?ticket=x', 'callback?state=x&code=x']) {
        const refused = await readPage(await fetch(`${backend.url}/v1/connections/gmail/${step}`));
        const error = { code: 'database_unavailable', action: 'retry' };
        expect([refused.status, refused.target]).toEqual([503, undefined]);
        expect(refused.message).toMatchObject({ type: 'connection-error', provider: 'gmail', error });
      }
      expect([await statusOf(`${backend.url}/healthz`), await statusOf(`${backend.url}/readyz`)]).toEqual([200, 503]);
      line.mend();
      await backend.service.ready;
      expect(await statusOf(`${backend.url}/readyz`)).toBe(200);
      expect(await problemOf(`${backend.url}/v1/me`)).toMatchObject({ code: 'session_ended' });
    } finally {
      await backend.close();
      await line.close();
    }
  }, 240_000);

  test('goes away in the middle: 503 within seconds, and the same session works once it is back', async () => {
    const line = await DatabaseLine.open(stack.settings.MONGODB_URI ?? '');
    const backend = await stack.addBackend({
      MONGODB_URI: line.uri(stack.settings.MONGODB_URI ?? ''),
      SESSIONS_MONGODB_URI: line.uri(stack.settings.SESSIONS_MONGODB_URI ?? ''),
    });
    try {
      const rep = (await stack.signIn('rep.one@demo.example')).at(backend.url);
      expect((await rep.get('/v1/me')).status).toBe(200);
      line.cut();
      const startedAt = performance.now();
      const answer = await rep.get('/v1/me');
      expect([answer.status, answer.body.error?.code]).toEqual([503, 'database_unavailable']);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(performance.now() - startedAt).toBeLessThan(9_000);
      expect(await statusOf(`${backend.url}/readyz`)).toBe(503);
      expect(await statusOf(`${backend.url}/healthz`)).toBe(200);
      await until('the driver notices', () => states(backend).includes('disconnected'));
      const whileAway = performance.now();
      expect((await rep.get('/v1/me')).status).toBe(503);
      expect(performance.now() - whileAway).toBeLessThan(9_000);
      line.mend();
      await until('it is ready again', async () => (await statusOf(`${backend.url}/readyz`)) === 200);
      // On a busy machine a connection that is being opened anew can be late once more: that is a 503, too.
      await until('the session works', async () => (await rep.get('/v1/me')).status === 200);
      await until('it says so', () => states(backend).includes('reconnected'));
      expect(states(backend).slice(0, 3)).toEqual(['connected', 'disconnected', 'reconnected']);
    } finally {
      await line.close();
    }
  }, 240_000);
});

test('metrics count requests by the pattern of their route, on a port of their own', async () => {
  await fetch(`${stack.backend.url}/v1/me?canary=1`);
  const text = await (await fetch(stack.backend.service.opsUrl)).text();
  expect(text).toMatch(/oneshot_http_request_seconds_count\{method="GET",route="\/v1\/me",status="\d+"\} \d/);
  expect(text).not.toContain('canary');
  expect(await statusOf(`${stack.backend.url}/metrics`)).toBe(404);
  expect(await statusOf(stack.backend.service.opsUrl.replace('/metrics', '/'))).toBe(404);
});

describe('the process', () => {
  const script = fileURLToPath(new URL('../dist/main.js', import.meta.url));

  interface Started {
    readonly child: ChildProcess;
    readonly printed: () => string;
    readonly ended: Promise<number | null>;
  }

  function start(settings: Readonly<Record<string, string | undefined>>, ...flags: string[]): Started {
    const child = spawn(process.execPath, [...flags, script], {
      env: { PATH: process.env.PATH, ...stack.settings, PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    return { child, printed: () => printed, ended: once(child, 'exit').then(([code]) => code as number | null) };
  }

  async function listening({ printed }: Started): Promise<string> {
    await until('it listens', () => printed().includes('"event":"listening"'), 90_000);
    const line = printed()
      .split('\n')
      .find((text) => text.includes('"event":"listening"'));
    return (JSON.parse(line ?? '') as { url: string }).url;
  }

  test('that is told to stop before its database is there stops cleanly', async () => {
    const nowhere = `mongodb://127.0.0.1:${await freePort()}`;
    const started = start({ MONGODB_URI: `${nowhere}/a`, SESSIONS_MONGODB_URI: `${nowhere}/b` });
    await listening(started);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    expect(started.printed()).toContain('"event":"stopped"');
  }, 240_000);

  test('says where it listens, opens no inspector at SIGUSR1, and ends at SIGTERM with its log written', async () => {
    const started = start({});
    const url = await listening(started);
    expect(await statusOf(`${url}/readyz`)).toBe(200);
    started.child.kill('SIGUSR1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(started.printed()).not.toMatch(/debugger/i);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    const events = started
      .printed()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events.slice(-2)).toEqual(['stopping', 'stopped']);
  }, 240_000);

  test.each(['SIGHUP', 'SIGINT'] as const)(
    '%s is a stop like any other: told as what it is',
    async (signal) => {
      const started = start({});
      await listening(started);
      started.child.kill(signal);
      expect(await started.ended).toBe(0);
      const lines = started.printed().trim().split('\n').slice(-2);
      const info = 30; // pino's number
      expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
        { event: 'stopping', level: info, signal },
        { event: 'stopped', level: info },
      ]);
      expect(started.printed()).not.toMatch(/"level":[456]0/);
    },
    240_000,
  );

  test('finishes what runs at SIGTERM, and says 503 to the balancer meanwhile', async () => {
    const port = Number(new URL(stack.backend.url).port);
    await stack.backend.close();
    const started = start({ PORT: String(port), DRAIN_SECONDS: '4' });
    try {
      const url = await listening(started);
      const rep = await stack.signIn('admin@demo.example').catch(() => undefined);
      expect(rep).toBeUndefined(); // the stack's own backend is closed: sign in at the process
      const { signIn } = await import('../test/sign-in.ts');
      const admin = await signIn({ url, origin: stack.settings.PREVIEW_ORIGIN ?? '' }, 'admin@demo.example');
      await stack.sandbox.fault({ pathPattern: '/describe$', times: 10, latencyMs: 60_000 });
      const running = Promise.all(Array.from({ length: 10 }, () => admin.get('/v1/settings/fields')));
      await until('all of them run', async () => (await stack.sandbox.waitingFaults()).length === 0);
      started.child.kill('SIGTERM');
      await until('it drains', async () => (await statusOf(`${url}/readyz`)) === 503);
      expect((await admin.get('/v1/settings')).status).toBe(200);
      await until('it takes no new connection', () =>
        statusOf(`${url}/healthz`).then(
          () => false,
          () => true,
        ),
      );
      await stack.sandbox.takeFaultsBack();
      expect((await running).map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(await started.ended).toBe(0);
    } finally {
      started.child.kill('SIGKILL');
      await stack.sandbox.reset();
    }
  }, 240_000);

  test.each([
    [{ ONESHOT_REGION: 'mars' }, /^oneshot backend: ONESHOT_REGION: must be one of us, eu, asia\n$/],
    [{ NODE_ENV: 'production', MONGODB_URI: undefined }, /^oneshot backend: MONGODB_URI: is required in production\n$/],
    [{ NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' }, /^oneshot backend: NODE_OPTIONS: must not open the inspector/],
    [{ NODE_OPTIONS: '--report-on-fatalerror' }, /^oneshot backend: NODE_OPTIONS: /],
  ])(
    'stops at the start with one line: %j',
    async (settings, line) => {
      const started = start(settings);
      expect(await started.ended).toBe(1);
      expect(started.printed()).toMatch(line);
    },
    240_000,
  );

  test('refuses to start with an inspector', async () => {
    const started = start({}, '--inspect=127.0.0.1:0');
    expect(await started.ended).toBe(1);
    expect(started.printed()).toContain('oneshot backend: NODE_OPTIONS: must not open the inspector');
  }, 240_000);

  test.each(['PORT', 'OPS_PORT'])(
    'says that the port of %s is taken',
    async (setting) => {
      const port = await freePort();
      const holder = createServer().listen(port, '127.0.0.1');
      await once(holder, 'listening');
      const started = start({ [setting]: String(port) });
      expect(await started.ended).toBe(1);
      expect(started.printed()).toBe(`oneshot backend: ${setting}: cannot be listened on (EADDRINUSE)\n`);
      holder.close();
    },
    240_000,
  );

  test('a wrong master key stops the start and says what to do', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const other = await mkdtemp(`${tmpdir()}/oneshot-key-`);
    try {
      const missing = start({ DATA_DIR: other });
      expect(await missing.ended).toBe(1);
      expect(missing.printed()).toMatch(/master-key\.json is missing/);
    } finally {
      await rm(other, { recursive: true });
    }
  }, 240_000);
});
