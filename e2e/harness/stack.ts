import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { Sandbox } from './sandbox.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 180_000;

/** Everything that `npm start` starts, on free ports, with a data folder that is gone afterwards. */
export interface Stack {
  preview: string;
  backend: string;
  sandbox: Sandbox;
  /** What the processes printed, a line each. */
  log: string[];
  /** Kills one part, as a crash would. */
  killPart(name: 'sandbox' | 'backend' | 'database' | 'preview'): void;
  /** Settles when everything has stopped. */
  ended: Promise<unknown>;
  /** Stops everything and removes the data folder; safe to call twice. */
  /** SIGTERM where no other signal is named. */
  stop(signal?: 'SIGTERM' | 'SIGHUP'): Promise<void>;
}

/**
 * Starts what is built.
 * @param settings on top of the environment of this process
 * @param command how it is started
 * @throws Error with the last lines that were printed, where it does not start
 */
export async function startStack(
  settings: Record<string, string> = {},
  [command, ...args]: readonly [string, ...string[]] = [process.execPath, 'scripts/start.mjs', '--built'],
): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oneshot-e2e-'));
  const names = ['PORT', 'OPS_PORT', 'SANDBOX_PORT', 'PREVIEW_PORT', 'EMBEDDED_MONGODB_PORT'];
  const ports: Record<string, string> = {};
  for (const name of names) ports[name] = await freePort();
  const log: string[] = [];
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', NODE_OPTIONS: '', DATA_DIR: dataDir, ...ports, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await untilReady(child, log);
  const at = (name: string): string => `http://127.0.0.1:${ports[name] ?? ''}`;
  return {
    preview: at('PREVIEW_PORT'),
    backend: at('PORT'),
    sandbox: new Sandbox(at('SANDBOX_PORT')),
    log,
    ended,
    killPart(name) {
      const line = log.find((text) => text.includes(`"starting","part":"${name}"`));
      process.kill((JSON.parse(line ?? '{}') as { pid: number }).pid, 'SIGKILL');
    },
    async stop(signal: 'SIGTERM' | 'SIGHUP' = 'SIGTERM') {
      child.kill(signal);
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function untilReady(child: ChildProcess, log: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      child.kill('SIGTERM');
      reject(new Error(`The stack did not start: ${reason}\n${log.slice(-20).join('\n')}`));
    };
    const timer = setTimeout(() => fail('time is over'), START_TIMEOUT_MS);
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        if (line !== '') log.push(line);
        if (!line.includes('open this in a browser')) return;
        clearTimeout(timer);
        resolve();
      });
    }
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`exit code ${String(code)}`);
    });
  });
}
