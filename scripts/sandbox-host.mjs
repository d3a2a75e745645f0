// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

/**
 * Jest's `globalSetup`: one process that starts the sandboxes of all test files (sandbox/src/host.ts). It ends with Jest,
 * whose pipe it reads. Workers find it in `ONESHOT_SANDBOX_HOST`.
 */
export default async function startSandboxHost() {
  const script = fileURLToPath(new URL('../sandbox/dist/host.js', import.meta.url));
  if (!existsSync(script)) throw new Error('sandbox/dist/host.js is not built: run npx tsc -b');
  const host = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: host.stdout }), 'line'),
    once(host, 'exit').then(([code]) => Promise.reject(new Error(`sandbox/dist/host.js ended with ${code}`))),
  ]);
  process.env['ONESHOT_SANDBOX_HOST'] = JSON.parse(line).url;
  // Jest must not wait for it.
  for (const handle of [host, host.stdin, host.stdout])
    /** @type {{ unref(): void }} */ (/** @type {unknown} */ (handle)).unref();
}
