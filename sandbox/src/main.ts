import { startSandbox } from './index.ts';
import { readSettings } from './settings.ts';

/** The process: settings, listen, one JSON line per event, stop on a signal. */

function print(event: Record<string, string>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

try {
  const sandbox = await startSandbox(readSettings(process.env));
  print({ event: 'listening', url: sandbox.url, salesforce: `${sandbox.url}/salesforce` });
  const stop = () => {
    void sandbox.close().then(() => print({ event: 'stopped' }));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
