import { pino, type DestinationStream, type LevelWithSilent } from 'pino';
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

/** Lines wait for each other so long: a write for each of them costs as much as all else that a request's line does. */
const BATCH_MS = 100;
const BATCH_BYTES = 12_288;

const batchedStdout = (): DestinationStream =>
  pino.destination({ sync: false, minLength: BATCH_BYTES, periodicFlush: BATCH_MS });

/**
 * @param level pino's level names; `silent` logs nothing
 * @param destination where the JSON lines go, stdout when left out
 */
export function createLog(level: LevelWithSilent, destination?: DestinationStream): Log {
  const sink = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination ?? batchedStdout());
  let dropped = 0;

  const write = (
    method: 'info' | 'warn' | 'error',
    event: LogEvent,
    values: Readonly<Record<string, unknown>>,
  ): void => {
    if (!sink.isLevelEnabled(method)) return;
    const line: Record<string, unknown> = { event: event.name };
    for (const [field, value] of Object.entries(values)) {
      if (value === undefined) continue;
      if (Object.hasOwn(event.fields, field) && event.fields[field]?.accepts(value) === true) line[field] = value;
      else dropped += 1;
    }
    sink[method](line);
  };

  return {
    info: (event, values) => write('info', event, values),
    warn: (event, values) => write('warn', event, values),
    error: (event, values) => write('error', event, values),
    get droppedFields() {
      return dropped;
    },
    flush: () => new Promise((resolve) => sink.flush(() => resolve())),
  };
}
