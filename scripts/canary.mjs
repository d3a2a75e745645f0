// @ts-check
/**
 * `npm run canary`: made-up accounts travel the real path in a process of this build that serves nobody, then all that it
 * wrote, its databases and its heap are searched. The signed result is printed and kept where MONGODB_URI points (the
 * running development database by default). Without CANARY_MONGODB_URI it starts a database of its own for the run, whose
 * files are searched as well.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build, install, root } from './setup.mjs';

await install();
await build('backend');
await build('database');
const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-canary-'));
for (const name of ['data', 'logs', 'tmp']) mkdirSync(path.join(folder, name));
/** @type {import('node:child_process').ChildProcess | undefined} */
let database;
try {
  const uri = process.env['CANARY_MONGODB_URI'] || (await startDatabase());
  const job = spawn(process.execPath, [path.join(root, 'backend/dist/canary-job.js')], {
    env: { ...process.env, CANARY_MONGODB_URI: uri, CANARY_FOLDER: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = await new Promise((resolve) => job.once('exit', (code) => resolve(code ?? 1)));
} finally {
  database?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {Promise<string>} its address */
function startDatabase() {
  const child = spawn(process.execPath, [path.join(root, 'embedded-mongodb/dist/main.js')], {
    cwd: path.join(folder, 'tmp'),
    env: { PATH: process.env['PATH'], EMBEDDED_MONGODB_PORT: '0', DATA_DIR: path.join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  database = child;
  child.stdout.pipe(createWriteStream(path.join(folder, 'logs/database.log')));
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('The database for the canary run did not start')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"event":"listening"')) resolve(JSON.parse(line).url);
    });
  });
}
