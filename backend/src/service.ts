import { setTimeout as delay } from 'node:timers/promises';
import { createApp, type App } from './app.ts';
import type { Config } from './config.ts';
import { Database, type DatabaseOptions } from './database/database.ts';
import { isDatabaseUnavailable } from './database/unavailable.ts';
import { events } from './http/events.ts';
import { Front } from './http/front.ts';
import type { Log } from './http/log.ts';
import { Metrics } from './http/metrics.ts';
import { DatabaseUnavailable } from './http/problems.ts';

/** How long running requests may take to finish at a stop, in milliseconds. */
const FINISH_MS = 20_000;
/** Between two attempts to start while the database comes and goes, in milliseconds. */
const RETRY_MS = 1_000;

/** A backend that listens. */
export interface Service {
  /** Origin of the address that it listens on. */
  readonly url: string;
  /** Where its metrics are. */
  readonly opsUrl: string;
  /** Settles once the database is there and requests are served; rejects when they never can be. */
  readonly ready: Promise<void>;
  /** Lets running requests finish, then closes everything. */
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  /** For tests of what the driver is asked. */
  readonly onCommand?: NonNullable<DatabaseOptions['onCommand']>;
}

/**
 * Listens at once and answers 503 `database_unavailable` until the database is there; then serves.
 * @throws what listening throws
 */
export async function startService({ config, log, onCommand }: ServiceOptions): Promise<Service> {
  const stopping = new AbortController();
  const metrics = new Metrics();
  const database = new Database({
    ...config,
    ...(onCommand === undefined ? {} : { onCommand }),
    onState: (state) => log[state === 'disconnected' ? 'warn' : 'info'](events.databaseState, { state }),
  });
  const listening: { front?: Front } = {};
  const app = await createApp({
    config,
    log,
    metrics,
    database,
    publicUrl: () => config.publicUrl ?? listening.front?.url ?? '',
    isDraining: () => listening.front?.isDraining === true,
  });
  await app.server.ready();
  const front = await Front.listen({
    ...config,
    handler: (request, response) => app.server.routing(request, response),
  });
  listening.front = front;
  const ops = await metrics.listen(config.opsPort);
  const ready = begin(app, database, stopping.signal);
  ready.catch(() => undefined); // whoever awaits it hears of it

  return {
    url: front.url,
    opsUrl: ops.url,
    ready,
    close: async () => {
      stopping.abort();
      await front.close(config.drainSeconds * 1_000, FINISH_MS);
      await ready.catch(() => undefined);
      await app.server.close();
      await database.close();
      await ops.close();
    },
  };
}

/** Starts the app as soon as the database lets it, for as long as it takes. @throws what no waiting can mend */
async function begin(app: App, database: Database, stopping: AbortSignal): Promise<void> {
  await database.connect(stopping);
  for (;;) {
    try {
      await app.start();
      return;
    } catch (error) {
      if (!isDatabaseUnavailable(error) && !(error instanceof DatabaseUnavailable)) throw error;
      await delay(RETRY_MS, undefined, { signal: stopping });
    }
  }
}
