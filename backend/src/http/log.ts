import { pino, type LevelWithSilent } from 'pino';
import type { LogEvent, ValuesOf } from './events.ts';

/** Structured logging from an allow-list: an event and its declared fields, no free text, no error objects. */
export interface Log {
  info<Event extends LogEvent>(event: Event, values: ValuesOf<Event>): void;
  warn<Event extends LogEvent>(event: Event, values: ValuesOf<Event>): void;
  error<Event extends LogEvent>(event: Event, values: ValuesOf<Event>): void;
  /** How many values were dropped because they were undeclared or not of their field's kind. */
  readonly droppedFields: number;
  /** Settles once every line is written. */
  flush(): Promise<void>;
}

/** Where lines go: a stream of Node, or pino's destination. */
export interface LineSink {
  write(line: Buffer): unknown;
  flush?(done: () => void): void;
}

/** Lines wait for each other so long: a write for each of them costs as much as all else that a request's line does. */
const BATCH_MS = 100;
const BATCH_BYTES = 12_288;

/** It takes buffers, whatever its types say: of strings it would measure all that waits anew with each line. */
function batchedStdout(): LineSink {
  const stdout = pino.destination({
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: BATCH_MS,
    contentMode: 'buffer',
  });
  return stdout as unknown as LineSink;
}

/** pino's numbers. */
const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/**
 * Writes lines as pino does, into pino's destination. What may stand in one is known (log-fields.ts), so that pino's own way
 * from any object to a line, which costs twice as much, is not taken.
 * @param level pino's level names; `silent` logs nothing
 * @param sink where the JSON lines go, stdout when left out
 */
export function createLog(level: LevelWithSilent, sink: LineSink = batchedStdout()): Log {
  const least = pino.levels.values[level] ?? Number.POSITIVE_INFINITY;
  let dropped = 0;

  const write = (method: keyof typeof LEVELS, event: LogEvent, values: Readonly<Record<string, unknown>>): void => {
    if (LEVELS[method] < least) return;
    let line = `{"level":${LEVELS[method]},"time":"${isoNow()}","event":"${event.name}"`;
    for (const field in values) {
      const value = values[field];
      if (value === undefined) continue;
      if (Object.hasOwn(event.fields, field) && event.fields[field]?.accepts(value) === true)
        line += `,"${field}":${typeof value === 'string' ? JSON.stringify(value) : value}`;
      else dropped += 1;
    }
    sink.write(Buffer.from(`${line}}\n`));
  };

  return {
    info: (event, values) => write('info', event, values),
    warn: (event, values) => write('warn', event, values),
    error: (event, values) => write('error', event, values),
    get droppedFields() {
      return dropped;
    },
    flush: () => new Promise((resolve) => (sink.flush === undefined ? resolve() : sink.flush(() => resolve()))),
  };
}

let isoAt = 0;
let iso = '';

/** The time as ISO 8601, made once for each millisecond. */
function isoNow(): string {
  const now = Date.now();
  if (now !== isoAt) {
    isoAt = now;
    iso = new Date(now).toISOString();
  }
  return iso;
}
