import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serving } from './child.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Parts of the repository as production runs them, with everything that they write inside one folder. */
export class Processes {
  /** `data`, `logs` (their output) and `tmp` (where they run, and their temporary folder). */
  readonly folder: string;
  #running: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async in(prefix: string): Promise<Processes> {
    const folder = await mkdtemp(join(tmpdir(), prefix));
    await Promise.all(['data', 'logs', 'tmp'].map((name) => mkdir(join(folder, name))));
    return new Processes(folder);
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  /**
   * Starts a part that is built.
   * @param script below the root, e.g. `sandbox/dist/main.js`
   * @returns its address
   */
  async run(script: string, settings: Readonly<Record<string, string>>): Promise<string> {
    const tmp = join(this.folder, 'tmp');
    const log = createWriteStream(join(this.folder, 'logs', `${script.split('/')[0] ?? ''}.log`), { flags: 'a' });
    const child = spawn(process.execPath, [join(root, script)], {
      cwd: tmp,
      env: { PATH: process.env.PATH, NODE_ENV: 'development', TMPDIR: tmp, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.push(child);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${script} ended with ${String(code)}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"event":"listening"')) resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    if (script.startsWith('backend/')) await serving(url);
    return url;
  }

  /** Last started first; what they still had to write is written when this returns. */
  async stop(): Promise<void> {
    for (const child of this.#running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    this.#running = [];
  }

  /** Stops them and removes what they wrote. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
