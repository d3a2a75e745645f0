import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Longest life of a child, milliseconds. */
const LIMIT_MS = 300_000;

/** A process of this folder, with the first line that it printed. */
export interface Child {
  readonly process: ChildProcess;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server of this folder, and reads its address. */
export async function startServer(script: string, ...args: readonly (string | number)[]): Promise<Child> {
  const child = start(script, args);
  const { url } = (await firstLine(child)) as { url: string };
  return {
    process: child,
    url,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Runs a measurement in a fresh process. @returns what it printed, parsed */
export async function measure<T>(script: string, ...args: readonly (string | number)[]): Promise<T> {
  const child = start(script, args, ['--expose-gc']);
  const [line, [code]] = await Promise.all([firstLine(child), once(child, 'exit') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`);
  return line as T;
}

function start(script: string, args: readonly (string | number)[], flags: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return spawn(process.execPath, [...flags, path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
}

async function firstLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('The child has no output');
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as unknown;
  throw new Error('The child printed nothing');
}
