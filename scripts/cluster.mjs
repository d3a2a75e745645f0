// @ts-check
/**
 * Runs what a region runs, on loopback: HAProxy (installed where it is missing) with a certificate of its own making,
 * several backends that speak TLS, one database, and the sandbox and preview in place of the real world.
 *   node scripts/cluster.mjs [--backends 4] [--built]
 * SIGHUP restarts the backends one after the other, under load without a failed request. A backend that dies is started
 * again in its slot, as Fargate does.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { selfSigned } from './certificate.mjs';
import { ensureHaproxy } from './haproxy.mjs';
import { build, install, isMain, root } from './setup.mjs';
import { freePort, isStopping, PARTS, startPart, StartError, stop, stopWithNpm, watch } from './start.mjs';

const DAY_MS = 86_400_000;
/** A backend has this long to answer 200 at /readyz: also where several clusters start at once on two busy cores. */
const READY_MS = 90_000;

/** @param {string} flag @param {number} standard */
function numberAfter(flag, standard) {
  const index = process.argv.indexOf(flag);
  const value = index < 0 ? standard : Number(process.argv[index + 1]);
  if (!Number.isInteger(value) || value < 1 || value > 16)
    throw new StartError(`${flag} must be a number from 1 to 16`);
  return value;
}

/** Certificate, key, and both in one file for HAProxy. @param {string} folder */
function writeCertificate(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { cert, key } = selfSigned({
    names: ['oneshot.internal', 'localhost'],
    addresses: ['127.0.0.1'],
    until: new Date(Date.now() + 30 * DAY_MS),
  });
  const files = { cert: 'cert.pem', key: 'key.pem', both: 'haproxy.pem' };
  for (const [file, text] of [
    [files.cert, cert],
    [files.key, key],
    [files.both, cert + key],
  ])
    writeFileSync(path.join(folder, file), text, { mode: 0o600 });
  return {
    cert: path.join(folder, files.cert),
    key: path.join(folder, files.key),
    both: path.join(folder, files.both),
  };
}

/** One backend in its slot: started again when it dies, and restarted on request. */
class Slot {
  /** @param {number} number @param {NodeJS.ProcessEnv} env */
  constructor(number, env) {
    this.number = number;
    this.env = env;
    /** @type {import('node:child_process').ChildProcess | undefined} */
    this.child = undefined;
    this.isRestarting = false;
  }

  start() {
    if (isStopping()) return; // nobody would stop this one
    const child = spawn(process.execPath, [path.join(root, 'backend/dist/main.js')], {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 1, 2],
    });
    this.child = child;
    watch(child, `backend ${this.number}`, () => true);
    process.stdout.write(
      `${JSON.stringify({ event: 'starting', part: 'backend', slot: this.number, pid: child.pid, port: this.env['PORT'], opsPort: this.env['OPS_PORT'] })}\n`,
    );
    // A setting that it refuses ends it at once; starting that again and again would help nobody.
    const startedAt = Date.now();
    child.once('exit', (code) => {
      if (this.isRestarting) return;
      if (code === 1 && Date.now() - startedAt < 3_000) void stop(1, `Backend ${this.number} does not start`);
      else if (code !== 0) this.start();
    });
  }

  async restart() {
    this.isRestarting = true;
    const { child } = this;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill('SIGTERM');
    await ended;
    this.isRestarting = false;
    this.start();
    await this.ready();
  }

  /** Waits until its metrics say that it listens and it is ready. */
  async ready() {
    const { fetchReady } = this;
    const deadline = Date.now() + READY_MS;
    while (!(await fetchReady(Number(this.env['PORT'])))) {
      if (Date.now() > deadline)
        throw new StartError(`Backend ${this.number} was not ready within ${READY_MS / 1000} s`);
      await delay(100);
    }
  }

  /** @param {number} port @returns {Promise<boolean>} */
  async fetchReady(port) {
    const { get } = await import('node:https');
    return new Promise((resolve) => {
      const asked = get({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, timeout: 2_000 });
      asked.on('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      });
      asked.on('timeout', () => asked.destroy()); // Node only tells it
      asked.on('error', () => resolve(false));
    });
  }
}

/** @param {NodeJS.ProcessEnv} environment */
async function startCluster(environment) {
  if (!process.argv.includes('--built')) {
    await install();
    await build();
  }
  const count = numberAfter('--backends', 4);
  const haproxy = await ensureHaproxy();
  const dataDir = path.resolve(environment['DATA_DIR'] || '.data');
  const tls = writeCertificate(path.join(dataDir, 'cluster-tls'));
  const port = await freePort('HAProxy', 'PORT', environment['PORT'] || '4000');
  const env = { ...environment };
  for (const [name, setting, standard] of [
    ['database', 'EMBEDDED_MONGODB_PORT', '4300'],
    ['sandbox', 'SANDBOX_PORT', '4100'],
    ['preview', 'PREVIEW_PORT', '4200'],
  ])
    env[setting] = await freePort(name, setting, environment[setting] || standard);
  const publicUrl = `https://127.0.0.1:${port}`;
  Object.assign(env, {
    ONESHOT_BACKEND_URL: publicUrl,
    PUBLIC_URL: publicUrl,
    SANDBOX_REDIRECT_URIS: `${publicUrl}/v1/auth/salesforce/callback`,
    TLS_CERT_FILE: tls.cert,
    TLS_KEY_FILE: tls.key,
    TRUST_PROXY: '127.0.0.1',
    DRAIN_SECONDS: environment['DRAIN_SECONDS'] || '5', // HAProxy sees it after 2.5 s at most
  });
  // The stand-in of this very sandbox, whose port nobody knew before.
  if (env['KMS_ENDPOINT'] === 'sandbox') env['KMS_ENDPOINT'] = `http://127.0.0.1:${env['SANDBOX_PORT']}/kms`;
  /** @param {string} name */
  const part = (name) => /** @type {(typeof PARTS)[number]} */ (PARTS.find((one) => one.name === name));
  if (!environment['MONGODB_URI']) await startPart(part('database'), env);
  await startPart(part('sandbox'), env);

  /** @type {Slot[]} */
  const slots = [];
  for (let number = 1; number <= count; number += 1) {
    const own = await freePort(`backend ${number}`, 'BACKEND_PORTS', '0');
    slots.push(new Slot(number, { ...env, PORT: own, OPS_PORT: await freePort('metrics', 'OPS_PORT', '0') }));
  }
  for (const slot of slots) slot.start();
  await Promise.all(slots.map((slot) => slot.ready()));
  const balancer = spawn(haproxy, ['-W', '-f', path.join(root, 'deploy/haproxy.cfg')], {
    cwd: root,
    stdio: ['ignore', 1, 2],
    env: {
      PATH: environment['PATH'],
      HAPROXY_BIND: `127.0.0.1:${port}`,
      HAPROXY_CERT: tls.both,
      HAPROXY_CA: tls.cert,
      HAPROXY_DIR: path.join(root, 'deploy'),
      ...Object.fromEntries(slots.map(({ number, env: own }) => [`BACKEND_${number}`, `127.0.0.1:${own['PORT']}`])),
    },
  });
  watch(balancer, 'HAProxy');
  process.stdout.write(`${JSON.stringify({ event: 'starting', part: 'haproxy', pid: balancer.pid })}\n`);
  await startPart(part('preview'), env);
  let restarting = Promise.resolve();
  process.on('SIGHUP', () => {
    restarting = restarting.then(async () => {
      for (const slot of slots) await slot.restart();
      process.stdout.write(`${JSON.stringify({ event: 'restarted', slots: count })}\n`);
    });
    restarting.catch((error) => stop(1, String(error)));
  });
  process.stdout.write(
    [
      '',
      `  OneShot      http://127.0.0.1:${env['PREVIEW_PORT']}   <- open this in a browser`,
      `  its backend  ${publicUrl}, ${count} processes behind HAProxy`,
      `               The certificate is our own (${path.relative(root, tls.cert)}): open ${publicUrl}/healthz once and accept it.`,
      `  sandbox      http://127.0.0.1:${env['SANDBOX_PORT']}`,
      `  Restart      kill -HUP ${process.pid}, one backend after the other`,
      '  Stop         Ctrl-C',
      '',
    ].join('\n'),
  );
}

if (isMain(import.meta.url)) {
  stopWithNpm();
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => void stop(0));
  await startCluster(process.env).catch((error) => stop(1, error instanceof Error ? error.message : String(error)));
}
