// @ts-check
/** Builds and runs the benchmarks; arguments go on to them. */
import { spawn } from 'node:child_process';
import { build, install, root } from './setup.mjs';

try {
  await install();
  await build();
  const child = spawn(process.execPath, ['bench/dist/main.js', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  child.once('exit', (code, signal) => (process.exitCode = signal ? 1 : (code ?? 1)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
