import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleOf } from '../src/operators/bundle.ts';
import { newRequest, requestText } from '../src/operators/request.ts';
import { startChild, type Child } from './child.ts';
import { freePort, until } from './harness.ts';
import { browserFetch, internet, makeCertificate, portOf, tlsLine, type Certificate } from './internet.ts';
import { SandboxControl } from './sandbox-control.ts';
import { signIn, type RepClient } from './sign-in.ts';
import { SshKey } from './ssh-key.ts';

/**
 * NODE_ENV=production, the whole way from the start to a rep's first rows: TLS to browsers, databases, Salesforce and KMS,
 * each certificate checked, each host by its real name, nothing of development. What is not real: what the names lead to.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const PUBLIC_URL = 'https://us.api.oneshot.example';
const LOGIN_HOST = 'https://demo.my.salesforce.com';
const PAGE = 'https://demo.lightning.force.com';
const KMS_HOST = 'vpce-1.kms.us-east-1.vpce.amazonaws.com';
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-1111-4111-8111-111111111111';
const ROWS = 40;

let folder: string;
let certificate: Certificate;
let children: Child[] = [];
const servers: Server[] = [];
let sandbox: SandboxControl;
let backend: Started;
/** Every backend that was started here. */
const all: Started[] = [];
let settings: Record<string, string>;
let port: number;
const { fetch } = globalThis;

/** A backend as the image starts it. */
interface Started {
  readonly child: ChildProcess;
  /** Its log. */
  readonly lines: string[];
  /** What it wrote to stderr. */
  readonly errors: string[];
  readonly ended: Promise<number | null>;
}

/** @param coreLimit `ulimit -c`, in blocks @param program of the backend's `dist`, with its arguments */
function start(
  env: Readonly<Record<string, string | undefined>>,
  coreLimit = 0,
  program: readonly string[] = ['main.js'],
): Started {
  const preload = join(root, 'backend/test/redirect-hosts.mjs');
  const command = `ulimit -c ${coreLimit} && exec "$0" --import "${preload}" backend/dist/"$@"`;
  const child = spawn('/bin/sh', ['-c', command, process.execPath, ...program], {
    cwd: root,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [lines, errors]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started = { child, lines, errors, ended };
  all.push(started);
  return started;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oneshot-production-'));
  certificate = makeCertificate(folder, ['us.api.oneshot.example', '*.my.salesforce.com', KMS_HOST]);
  const databases = ['main', 'sessions', 'ledger'].map((name) =>
    startChild('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: join(folder, name) }),
  );
  children = await Promise.all([
    startChild('sandbox/dist/main.js', {
      SANDBOX_PORT: '0',
      SANDBOX_ACCOUNTS: String(ROWS),
      SANDBOX_SALESFORCE_URL: LOGIN_HOST,
    }),
    ...databases,
  ]);
  const [stand, ...stores] = children;
  sandbox = new SandboxControl(stand?.url ?? '');
  const world = await internet(certificate, sandbox.url, { '.my.salesforce.com': '/salesforce', [KMS_HOST]: '' });
  const lines = await Promise.all(stores.map(({ url }) => tlsLine(certificate, Number(new URL(url).port))));
  servers.push(world, ...lines);
  const [main = '', sessions = '', ledger = ''] = lines.map(
    (line) =>
      `mongodb://127.0.0.1:${portOf(line)}/NAME?tls=true&tlsCAFile=${encodeURIComponent(certificate.certFile)}&directConnection=true`,
  );
  const client = { clientId: '3MVG9-production', clientSecret: 'a-secret-of-our-own' };
  const made = await fetch(`${sandbox.url}/__control/clients`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      provider: 'salesforce',
      ...client,
      redirectUris: [`${PUBLIC_URL}/v1/auth/salesforce/callback`],
    }),
  });
  expect(made.status).toBeLessThan(300);
  port = await freePort();
  settings = {
    PATH: process.env.PATH ?? '',
    TEST_INTERNET_PORT: String(portOf(world)),
    NODE_EXTRA_CA_CERTS: certificate.certFile,
    NODE_ENV: 'production',
    PORT: String(port),
    OPS_PORT: '0',
    PUBLIC_URL,
    TLS_CERT_FILE: certificate.certFile,
    TLS_KEY_FILE: certificate.keyFile,
    MONGODB_URI: main.replace('NAME', 'oneshot'),
    SESSIONS_MONGODB_URI: sessions.replace('NAME', 'sessions'),
    LEDGER_URI: ledger.replace('NAME', 'ledger'),
    KMS_KEY_ID: KEY,
    KMS_ENDPOINT: `https://${KMS_HOST}/kms`,
    // As a task's role gives them; the stand-in of KMS knows this one user.
    AWS_ACCESS_KEY_ID: 'oneshot-sandbox-access',
    AWS_SECRET_ACCESS_KEY: 'oneshot-sandbox-secret',
    SALESFORCE_CLIENT_ID: client.clientId,
    SALESFORCE_CLIENT_SECRET: client.clientSecret,
    DRAIN_SECONDS: '6',
  };
  globalThis.fetch = browserFetch(certificate, (host) => (host.endsWith('.salesforce.com') ? portOf(world) : port));
  backend = start(settings);
  await until('it listens', () => backend.lines.some((line) => line.includes('"event":"listening"')), 60_000);
  await until('it is ready', async () => (await globalThis.fetch(`${PUBLIC_URL}/readyz`)).status === 200, 60_000);
}, 300_000);

afterAll(async () => {
  globalThis.fetch = fetch;
  for (const one of all) {
    one.child.kill('SIGKILL');
    await one.ended;
  }
  for (const server of servers) server.close();
  await Promise.all(children.map((child) => child.stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('a backend in production', () => {
  let rep: RepClient;

  test('answers by TLS alone, with HSTS', async () => {
    const answer = await globalThis.fetch(`${PUBLIC_URL}/readyz`);
    expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    const plain = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
    expect(plain).not.toMatch(/HTTP\/1\.1 [23]|location/i);
  });

  test('signs a rep in at the login host that their page names, and serves their first rows', async () => {
    rep = await signIn({ url: PUBLIC_URL, origin: PAGE }, 'rep.one@demo.example');
    const { status, body } = await rep.get('/v1/accounts?limit=5');
    expect(status).toBe(200);
    expect(Number(body.total)).toBeGreaterThan(5);
    expect((body.rows as unknown as { name: string }[]).map(({ name }) => typeof name)).toEqual(
      Array(5).fill('string'),
    );
    expect(body.freshness).toMatchObject({ complete: true, source: 'live' });
  });

  test('gives nobody another row for a forged X-OneShot-Rep, which only leads the balancer', async () => {
    const other = await signIn({ url: PUBLIC_URL, origin: PAGE }, 'rep.two@demo.example');
    const [own, forged] = [
      await other.get('/v1/accounts'),
      await other.get('/v1/accounts', { 'x-oneshot-rep': rep.user.id }),
    ];
    expect(forged.status).toBe(200);
    expect(forged.body.rows).toEqual(own.body.rows);
    expect((await rep.get('/v1/accounts')).body.rows).not.toEqual(own.body.rows);
    expect((await other.get('/v1/me', { 'x-oneshot-rep': rep.user.id })).body.user).toMatchObject({
      id: other.user.id,
    });
  });

  test('starts no sign-in for a page that is not of Lightning, development pages included', async () => {
    for (const origin of [
      'https://demo.lightning.force.com.evil.example',
      'http://127.0.0.1:4200',
      'https://evil.example',
    ])
      await expect(signIn({ url: PUBLIC_URL, origin }, 'rep.one@demo.example')).rejects.toMatchObject({ status: 400 });
  });

  test('had its keys wrapped by KMS, over TLS, with credentials of the environment', async () => {
    const asked = await fetch(`${sandbox.url}/__control/requests?provider=kms`);
    const { rows } = (await asked.json()) as { rows: { status: number }[] };
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.every(({ status }) => status === 200)).toBe(true);
  });

  test('goes on for running sessions while KMS is away', async () => {
    await sandbox.fault({ provider: 'kms', pathPattern: '.*', times: 1_000, drop: 'before' }, 'kms');
    try {
      expect((await rep.get('/v1/accounts?limit=1')).status).toBe(200);
    } finally {
      await fetch(`${sandbox.url}/__control/faults`, { method: 'DELETE' });
    }
  });

  test('lets two operators act by a bundle, with what their task is given: no file of theirs, no port, no certificate', async () => {
    const [security, ada, ben] = [new SshKey(), new SshKey(), new SshKey(true)];
    const trainedUntil = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
    const people = { Ada: ada, Ben: ben };
    const operators = Object.entries(people).map(([person, { line }]) => ({ person, key: line, trainedUntil }));
    const [file, list] = [join(folder, 'operators.json'), JSON.stringify({ operators })];
    writeFileSync(file, list);
    writeFileSync(`${file}.sig`, security.sign(list, 'oneshot-operators'));
    const wanted = { region: 'us', action: 'revoke-all', target: rep.org.id, reason: 'Drill of the quarter, OPS-7' };
    const text = requestText(newRequest(wanted, 1));
    const signatures = { request: ada.sign(text, 'oneshot-request'), approval: ben.sign(text, 'oneshot-approval') };
    const run = ['ops.js', 'run', `--bundle=${bundleOf({ request: Buffer.from(text), signatures })}`];
    const { TLS_CERT_FILE, TLS_KEY_FILE, PORT, ...given } = settings;
    const env = { ...given, OPERATORS_FILE: file, OPERATORS_SIGNER: security.line };
    const dumping = start(env, 1_000, run);
    expect([await dumping.ended, dumping.errors.at(-1)]).toEqual([3, expect.stringContaining('ulimit -c: must be 0')]);
    const first = start(env, 0, run);
    expect([await first.ended, first.errors.filter((line) => line.includes('oneshot ops'))]).toEqual([0, []]);
    expect(JSON.parse(first.lines.join('\n'))).toMatchObject({
      sessions: expect.any(Number),
      effectiveWithinMs: 5_000,
    });
    await until('the rep is signed out', async () => (await rep.get('/v1/me')).status === 401, 6_000);
    const again = start(env, 0, run);
    expect([await again.ended, again.errors.at(-1)]).toEqual([3, expect.stringContaining('replayed')]);
    expect([TLS_CERT_FILE, TLS_KEY_FILE, PORT]).not.toContain(undefined);
    rep = await signIn({ url: PUBLIC_URL, origin: PAGE }, 'rep.one@demo.example');
  }, 240_000);

  test('logs each line as a declared event, reached no host off its list, and writes no name of a customer', () => {
    const events = backend.lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toContain('listening');
    expect(events).not.toContain('egressRefused');
    expect(events).not.toContain('unexpectedError');
    expect([...backend.lines, ...backend.errors].join('\n')).not.toMatch(
      /demo\.example|lightning\.force|my\.salesforce|a-secret-of-our-own/,
    );
  });

  test('drains at SIGTERM and ends cleanly', async () => {
    backend.child.kill('SIGTERM');
    await until('it drains', async () => (await globalThis.fetch(`${PUBLIC_URL}/readyz`)).status === 503);
    expect((await rep.get('/v1/accounts?limit=1')).status).toBe(200);
    expect(await backend.ended).toBe(0);
  }, 240_000);
});

describe('a start in production', () => {
  // What the settings alone tell is in src/config.test.ts.
  test.each([
    ['core dumps', {}, 1, /^oneshot backend: ulimit -c: must be 0 in production/],
    ['a ledger that ends with it', { LEDGER_URI: undefined }, 0, /^oneshot backend: LEDGER_URI: is required in prod/],
  ])(
    'with %s is refused with one line',
    async (_what, change, coreLimit, line) => {
      const started = start({ ...settings, PORT: '0', ...change }, coreLimit);
      expect(await started.ended).toBe(1);
      expect(started.lines).toEqual([]);
      expect(started.errors).toHaveLength(1);
      expect(started.errors[0]).toMatch(line);
    },
    240_000,
  );

  test('trusts nobody whose certificate it cannot check: it waits, and serves nobody', async () => {
    const started = start({ ...settings, NODE_EXTRA_CA_CERTS: undefined });
    await until('it listens', () => started.lines.some((line) => line.includes('"event":"listening"')), 60_000);
    expect((await globalThis.fetch(`${PUBLIC_URL}/readyz`)).status).toBe(503);
    const code = async (): Promise<string> => {
      const answer = await globalThis.fetch(`${PUBLIC_URL}/v1/me`);
      expect(answer.status).toBe(503);
      return ((await answer.json()) as { error: { code: string } }).error.code;
    };
    await until('KMS is not believed', async () => (await code()) === 'keys_unavailable', 60_000);
  }, 240_000);
});
