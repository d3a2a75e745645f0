import { startSandbox } from './index.ts';
import { readSettings } from './settings.ts';

/** The process: settings, listen, one JSON line per event, stop on a signal. */

function print(event: Record<string, string>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** One line that names the setting to change. */
function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || code === 'EACCES' ? `SANDBOX_PORT cannot be listened on: ${code}` : error.message;
}

try {
  const sandbox = await startSandbox(readSettings(process.env));
  print({ event: 'listening', url: sandbox.url, salesforce: `${sandbox.url}/salesforce` });
  const stop = () => {
    void sandbox.close().then(() => print({ event: 'stopped' }));
  };
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
} catch (error) {
  process.stderr.write(`${sentenceFor(error)}\n`);
  process.exitCode = 1;
}
