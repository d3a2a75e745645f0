import { readFileSync } from 'node:fs';
import inspector from 'node:inspector';
import { ConfigError } from './config.ts';

/** Flags of Node that write memory to disk, or show it to whoever connects. */
const DUMPING = /^--(?:inspect|heapsnapshot|heap-prof|report|cpu-prof|trace-event|abort-on-uncaught-exception)/;

/**
 * A process that serves customers writes no heap snapshot, no diagnostic report and no core dump, and has no inspector
 * open (DESIGN 2.1, 4): its memory holds their list. Call it before anything else.
 * @throws ConfigError it was started with a flag that would, or in production with core dumps allowed
 */
export function refuseDumps(isProduction: boolean): void {
  const flags = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  if (inspector.url() !== undefined || flags.some((flag) => DUMPING.test(flag)))
    throw new ConfigError('NODE_OPTIONS', 'must not open the inspector, nor write heap snapshots, profiles or reports');
  if (isProduction && coreDumpsAllowed())
    throw new ConfigError('ulimit -c', 'must be 0 in production: a core dump would hold what must not be on disk');
  process.report.reportOnFatalError = false;
  process.report.reportOnSignal = false;
  process.report.reportOnUncaughtException = false;
  // Without a listener SIGUSR1 opens the inspector.
  process.on('SIGUSR1', () => undefined);
}

/** Linux says it in /proc; elsewhere nobody runs production. */
function coreDumpsAllowed(): boolean {
  try {
    return !/^Max core file size\s+0\s/m.test(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return false;
  }
}
