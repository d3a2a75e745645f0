// @ts-check
/**
 * Starts everything, or one part alone:
 *   node scripts/start.mjs                                     database, sandbox, backend, preview
 *   node scripts/start.mjs --built                             the same of what is built, without looking whether it is
 *   node scripts/start.mjs backend|database|sandbox|preview    that one, with the settings of the environment
 * Logs go to stdout as JSON lines. SIGHUP, SIGINT and SIGTERM stop all; a part that dies stops the rest.
 */
import { spawn } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build, install, isMain, root } from './setup.mjs';

/** A part has this long to say that it listens; and to stop: the backend finishes requests for up to a minute. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 65_000;

/**
 * @typedef {{ name: string, script: string, ports: Record<string, number> }} Part
 * `ports`: setting -> default, as docs and DESIGN 8 have them. Order of PARTS is the order of starting.
 */
/** @type {Part[]} */
export const PARTS = [
  { name: 'database', script: 'embedded-mongodb/dist/main.js', ports: { EMBEDDED_MONGODB_PORT: 4300 } },
  { name: 'sandbox', script: 'sandbox/dist/main.js', ports: { SANDBOX_PORT: 4100 } },
  { name: 'backend', script: 'backend/dist/main.js', ports: { PORT: 4000, OPS_PORT: 4001 } },
  { name: 'preview', script: 'preview/dist/main.js', ports: { PREVIEW_PORT: 4200 } },
];

/** People of the demo org; consent is a click. Without their addresses: what is printed here is read as a log. */
const PEOPLE = ['rep.one', 'rep.two', 'admin', 'outsider'];

/** A start that cannot go on; the message is the one line that is printed. */
export class StartError extends Error {}

/**
 * Where "any free port" is looked for: below those that Linux and macOS give out by themselves, to connections that go out
 * as well. A port from there may be somebody else's when the part that it is for listens, some seconds later.
 */
const FREE_PORTS = { first: 20_000, count: 12_000, each: 60 };
let asked = 0;

/** A port that nobody was told of yet; processes that start at the same time begin at different places. */
const nextCandidate = () => String(FREE_PORTS.first + ((process.pid * FREE_PORTS.each + asked++) % FREE_PORTS.count));

/**
 * Says which port to use for a setting, and makes sure that it is free.
 * @param {string} name
 * @param {string} setting
 * @param {string} value 0 is any free one
 * @returns {Promise<string>}
 */
export async function freePort(name, setting, value) {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new StartError(`${setting} must be a port number from 0 to 65535, not "${value}"`);
  }
  if (port !== 0) {
    if (await isFree(port)) return value;
    throw new StartError(`Port ${value} (${name}) cannot be used: stop what uses it, or set ${setting} to another`);
  }
  for (let tries = 0; tries < FREE_PORTS.count; tries += 1) {
    const candidate = nextCandidate();
    if (await isFree(Number(candidate))) return candidate;
  }
  throw new StartError(`There is no free port for the ${name}`);
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Ports are decided before anything starts, because the parts must know each other's address.
 * @param {Part[]} parts
 * @param {NodeJS.ProcessEnv} environment
 */
async function decidePorts(parts, environment) {
  /** @type {Record<string, string>} */
  const ports = {};
  for (const { name, ports: settings } of parts) {
    for (const [setting, standard] of Object.entries(settings)) {
      ports[setting] = await freePort(name, setting, environment[setting] || String(standard));
    }
  }
  return ports;
}

/**
 * The environment of all parts: what the person set, and what the parts cannot find out from each other's ports.
 * @param {NodeJS.ProcessEnv} environment
 * @param {Record<string, string>} ports
 */
function settingsOf(environment, ports) {
  const settings = { ...environment, ...ports };
  settings['ONESHOT_BACKEND_URL'] ||= settings['PUBLIC_URL'] || `http://127.0.0.1:${ports['PORT']}`;
  if (ports['SANDBOX_PORT']) settings['ONESHOT_SANDBOX_URL'] ||= `http://127.0.0.1:${ports['SANDBOX_PORT']}`;
  settings['SANDBOX_REDIRECT_URIS'] ||= `${settings['ONESHOT_BACKEND_URL']}/v1/auth/salesforce/callback`;
  return settings;
}

/** @type {Map<import('node:child_process').ChildProcess, string>} */
export const running = new Map();
let stopping = false;
let exitCode = 0;

/** Whether everything is being stopped: nothing is started any more. */
export const isStopping = () => stopping;

/**
 * Starts a part and waits for its `listening` line.
 * @param {Part} part
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} its address
 */
export function startPart({ name, script }, env) {
  const child = spawn(process.execPath, [path.join(root, script)], { cwd: root, env, stdio: ['ignore', 'pipe', 2] });
  watch(child, name);
  process.stdout.write(`${JSON.stringify({ event: 'starting', part: name, pid: child.pid })}\n`);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new StartError(`The ${name} did not start within ${START_TIMEOUT_MS / 1000} s`));
    }, START_TIMEOUT_MS);
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) }).on('line', (line) => {
      process.stdout.write(`${line}\n`);
      const url = listeningUrl(line);
      if (url) resolve(url);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new StartError(`The ${name} stopped by itself (${signal ?? `exit code ${code}`})`));
    });
    child.once('error', (error) => reject(new StartError(`The ${name} cannot be started: ${error.message}`)));
  });
}

/**
 * Notes what runs; the death of one stops the rest, unless it was meant (`expected`).
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @param {() => boolean} [expected]
 */
export function watch(child, name, expected = () => false) {
  running.set(child, name);
  child.once('exit', (code, signal) => {
    running.delete(child);
    const line = `The ${name} stopped by itself (${signal ?? `exit code ${code}`}): stopping the rest`;
    // Ctrl-C reaches the whole group at once; give our own handler a moment before calling it a death.
    setTimeout(() => !stopping && !expected() && void stop(1, line), 200).unref();
  });
}

/** @param {string} line */
function listeningUrl(line) {
  if (!line.includes('"listening"')) return undefined;
  try {
    const event = JSON.parse(line);
    return event.event === 'listening' ? String(event.url) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Stops what runs, last started first, and ends this process.
 * @param {number} code
 * @param {string} [reason]
 */
export async function stop(code, reason) {
  if (stopping) return;
  stopping = true;
  exitCode = code;
  if (reason) process.stderr.write(`${reason}\n`);
  for (const child of [...running.keys()].reverse()) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
  process.exit(exitCode);
}

/** @param {NodeJS.ProcessEnv} settings */
function welcome(settings) {
  const lines = [
    '',
    `  OneShot      http://127.0.0.1:${settings['PREVIEW_PORT']}   <- open this in a browser`,
    `  backend      ${settings['ONESHOT_BACKEND_URL']}`,
    `  its metrics  http://127.0.0.1:${settings['OPS_PORT']}/metrics`,
    `  sandbox      http://127.0.0.1:${settings['SANDBOX_PORT']}   (stands in for Salesforce)`,
    '',
    `  Sign in as   ${PEOPLE[0]}, ${PEOPLE[1]} or ${PEOPLE[2]}: the sign-in page lists them;`,
    `               ${PEOPLE[3]} has no permission.`,
    '  Stop         Ctrl-C',
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** @param {NodeJS.ProcessEnv} environment */
async function startAll(environment) {
  const isBuilt = process.argv.includes('--built');
  if (!isBuilt) await install();
  const ownDatabase = !environment['MONGODB_URI'];
  const parts = PARTS.filter(({ name }) => name !== 'database' || ownDatabase);
  const settings = settingsOf(environment, await decidePorts(parts, environment));
  if (!isBuilt) await build();
  /** @type {Record<string, string>} */
  const urls = {};
  for (const part of parts) if (!stopping) urls[part.name] = await startPart(part, settings);
  await untilServed(urls['backend'] ?? '');
  if (!stopping) welcome(settings);
}

/**
 * A backend says that it listens while its database or its keys are still on their way, which on a slow machine takes a
 * while: an address is told when it serves. One that does not in time says why by itself, and may still come.
 * @param {string} url
 */
async function untilServed(url) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!stopping && Date.now() < deadline && !(await isReady(url))) await delay(100);
}

/** @param {string} url @returns {Promise<boolean>} */
function isReady(url) {
  return new Promise((resolve) => {
    const { get } = url.startsWith('https:') ? https : http;
    const asked = get(`${url}/readyz`, { rejectUnauthorized: false, agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
  });
}

/**
 * One part becomes this very process, so that it gets signals and ends with its own exit code, as in production.
 * @param {Part} part
 */
async function startOne(part) {
  await install();
  await build(/** @type {'backend'} */ (part.name));
  await import(pathToFileURL(path.join(root, part.script)).href);
}

/**
 * npm runs us through a shell. A SIGTERM to npm ends npm and that shell, and neither passes it on: then nobody is left
 * who would stop us, so the end of the shell counts as the signal.
 */
export function stopWithNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 500).unref();
}

/** @param {string | undefined} name */
async function start(name) {
  stopWithNpm();
  const part = PARTS.find((candidate) => candidate.name === name);
  if (part) return startOne(part);
  if (name !== undefined && name !== '--built')
    throw new StartError(`There is no part "${name}": backend, database, sandbox or preview`);
  for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])) process.on(signal, () => void stop(0));
  return startAll(process.env);
}

if (isMain(import.meta.url)) {
  await start(process.argv[2]).catch((error) => stop(1, error instanceof Error ? error.message : String(error)));
}
