import { Writable } from 'node:stream';
import { events, type LogEvent } from '../http/events.ts';
import { createLog } from '../http/log.ts';

/** Names of every field that a log line can have. */
export const logFields = (): readonly string[] =>
  [...new Set(Object.values(events).flatMap((event: LogEvent) => Object.keys(event.fields)))].sort();

/**
 * Tries the log of this build: what no event declares, and what a declared field does not take, must not come out.
 * @returns whether it was held back
 */
export async function logHoldsBack(): Promise<boolean> {
  let written = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written += chunk.toString('utf8');
      done();
    },
  });
  const log = createLog('info', sink);
  const planted = 'planted@example.com';
  const values: object = { email: planted, org: planted, problem: planted, ms: 1 };
  log.info(events.request, values);
  await log.flush();
  return written.includes('"event":"request"') && !written.includes(planted) && log.droppedFields === 3;
}
