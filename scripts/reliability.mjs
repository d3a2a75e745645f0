// @ts-check
/** Builds, finds HAProxy, and runs `chaos` or `soak`; arguments go on to it. */
import { spawn } from 'node:child_process';
import { ensureHaproxy } from './haproxy.mjs';
import { build, install, root } from './setup.mjs';

try {
  const [name, ...args] = process.argv.slice(2);
  if (name !== 'chaos' && name !== 'soak') throw new Error('chaos or soak');
  await install();
  await build();
  process.env['HAPROXY_PATH'] = await ensureHaproxy();
  const child = spawn(process.execPath, [`bench/dist/reliability/${name}.js`, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  child.once('exit', (code, signal) => (process.exitCode = signal ? 1 : (code ?? 1)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
