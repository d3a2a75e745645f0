import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
/** Beside other work, on a machine that may be slow. */
const START_MS = 180_000;
const READY_MS = 180_000;
const STOP_MS = 30_000;

/** A process of ours that printed that it listens. */
export interface Child {
  readonly url: string;
  readonly pid: number;
  /** SIGTERM, then SIGKILL. Safe to call twice. */
  stop(): Promise<void>;
  /** SIGKILL: as when the power fails. */
  kill(): Promise<void>;
}

/**
 * Waits until a backend that listens also serves: it says that it listens while its database is still on the way.
 * @throws Error it does not serve within three minutes
 */
export async function serving(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while ((await fetch(new URL('/readyz', url))).status !== 200) {
    if (Date.now() > deadline) throw new Error('The backend listens and does not serve');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Starts a part of the repository that is built, and waits until it listens, a backend until it serves.
 * @param script below the root, e.g. `sandbox/dist/main.js`
 * @throws Error with what it printed, where it does not start
 */
export async function startChild(script: string, settings: Readonly<Record<string, string>>): Promise<Child> {
  const path = fileURLToPath(new URL(script, root));
  if (!existsSync(path)) throw new Error(`${script} is not built: run npx tsc -b`);
  const child = spawn(process.execPath, [path], {
    cwd: fileURLToPath(root),
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await listeningUrl(child, script);
  if (script.startsWith('backend/')) await serving(url);
  return { url, pid: child.pid ?? 0, stop: () => stop(child, 'SIGTERM'), kill: () => stop(child, 'SIGKILL') };
}

/**
 * A sandbox of one's own: from the process that keeps the sandbox's code loaded for all test files, where Jest started it
 * (scripts/sandbox-host.mjs), else in a process of its own.
 * @param settings `SANDBOX_...`
 */
export async function startSandbox(settings: Readonly<Record<string, string>>): Promise<Pick<Child, 'url' | 'stop'>> {
  const host = process.env.ONESHOT_SANDBOX_HOST;
  if (host === undefined) return startChild('sandbox/dist/main.js', { SANDBOX_PORT: '0', ...settings });
  const ask = async (method: string, fields: object, status: number): Promise<string> => {
    const answer = await fetch(host, { method, body: JSON.stringify(fields) });
    const body = await answer.text();
    if (answer.status !== status) throw new Error(`The sandbox's host answered ${answer.status}: ${body}`);
    return body;
  };
  const { url } = JSON.parse(await ask('POST', settings, 201)) as { url: string };
  return { url, stop: () => ask('DELETE', { url }, 204).then(() => undefined) };
}

function listeningUrl(child: ChildProcess, script: string): Promise<string> {
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${script} ${why}\n${printed.slice(-20).join('\n')}`));
    };
    const timer = setTimeout(() => fail('did not listen in time'), START_MS);
    child.once('exit', (code) => fail(`ended with ${String(code)}`));
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        printed.push(line);
        if (!line.includes('"event":"listening"')) return;
        clearTimeout(timer);
        child.removeAllListeners('exit');
        resolve((JSON.parse(line) as { url: string }).url);
      });
    }
  });
}

async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
