import { setTimeout as delay } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { loadConfig } from './config.ts';
import { egressRules, enforceEgress } from './egress.ts';
import { placeOf } from './http/errors.ts';
import { events } from './http/events.ts';
import { createLog } from './http/log.ts';
import { refuseDumps } from './no-dumps.ts';
import { startService } from './service.ts';

/** Longer than the service needs to drain and to finish what runs, in milliseconds. */
const STOP_MS = 60_000;
/** What people and orchestrators stop a process with; SIGHUP comes from a terminal that is closed. */
const STOP_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/** A start that takes longer waits for the database; the process answers 503 meanwhile, and says that it listens. */
const PATIENCE_MS = 3_000;

try {
  const config = loadConfig(process.env);
  refuseDumps(config.isProduction);
  const log = createLog(config.logLevel);
  let refused = 0;
  enforceEgress(egressRules(config), () => log.error(events.egressRefused, { refused: (refused += 1) }));
  let isStopping = false;
  const service = await startService({ config, log });
  closeWithGrace({ delay: STOP_MS, logger: false, skip: ['beforeExit'] }, async ({ signal, err }) => {
    const startedAt = performance.now();
    isStopping = true;
    if (err !== undefined) log.error(events.unexpectedError, placeOf(err));
    log.info(events.stopping, { signal: err === undefined ? nameOf(signal) : 'error' });
    await service.close();
    log.info(events.stopped, { ms: Math.round(performance.now() - startedAt) });
    await log.flush();
  });
  await Promise.race([service.ready.catch(() => undefined), delay(PATIENCE_MS, undefined, { ref: false })]);
  log.info(events.listening, { url: service.url });
  await service.ready.catch((error: unknown) => {
    // Asked to stop before the database was there: that is a clean stop, and the handler above ends the process.
    if (!isStopping) throw error;
  });
} catch (error) {
  process.stderr.write(`oneshot backend: ${error instanceof Error ? error.message : 'cannot start'}\n`);
  process.exit(1);
}

/** How the log calls a signal that asks the process to stop. */
function nameOf(signal: string | undefined): (typeof STOP_SIGNALS)[number] | 'other' {
  return STOP_SIGNALS.find((known) => known === signal) ?? 'other';
}
