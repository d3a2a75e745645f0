import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { waitingPopup } from './auth/waiting-popup.ts';
import { PROVIDERS } from './connections/tokens.ts';
import { ConfigError, type Config } from './config.ts';
import { Database, type DatabaseOptions } from './database/database.ts';
import { isDatabaseUnavailable } from './database/unavailable.ts';
import { events } from './http/events.ts';
import { Front, type RequestHandler } from './http/front.ts';
import { healthRoutes } from './http/health.ts';
import type { Log } from './http/log.ts';
import { Metrics } from './http/metrics.ts';
import { isAllowedOrigin } from './http/origin.ts';
import type { ProblemError } from './http/problem.ts';
import { DatabaseUnavailable } from './http/problems.ts';
import { createServer } from './http/server.ts';
import { LedgerUnavailable } from './ledger/ledger.ts';
import { KeysUnavailable } from './vault/problems.ts';

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
 * Listens at once and answers 503 `database_unavailable`, or `keys_unavailable`, until database and keys are there; then
 * serves.
 * @throws ConfigError names the setting whose port or address cannot be listened on; what else listening throws
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, log } = options;
  const stopping = new AbortController();
  const metrics = new Metrics();
  metrics.gauge('log_fields_dropped', 'Values that were kept out of the log', () => log.droppedFields);
  const missing = new Missing();
  const waiting = await waitingApp(config, log, missing);
  const front = await Front.listen({ ...config, handler: handlerOf(waiting) }).catch(naming('PORT'));
  const ops = await metrics.listen(config.opsPort).catch(naming('OPS_PORT'));
  let serving: Serving | undefined;
  const ready = begin(options, front, metrics, missing, stopping.signal).then((begun) => {
    serving = begun;
    front.serve(handlerOf(begun.app));
  });
  ready.catch(() => undefined); // whoever awaits it hears of it

  return {
    url: front.url,
    opsUrl: ops.url,
    ready,
    close: async () => {
      stopping.abort();
      await ready.catch(() => undefined);
      await front.close(config.drainSeconds * 1_000, FINISH_MS);
      await serving?.app.close();
      await serving?.database.close();
      await waiting.close();
      await ops.close();
    },
  };
}

/** Rewords what listening throws: whoever starts a second backend is told which setting to change. */
function naming(setting: 'PORT' | 'OPS_PORT'): (error: unknown) => never {
  return (error) => {
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (syscall !== 'listen') throw error;
    throw new ConfigError(code === 'EADDRNOTAVAIL' ? 'HOST' : setting, `cannot be listened on (${String(code)})`);
  };
}

interface Serving {
  readonly app: FastifyInstance;
  readonly database: Database;
}

/** What a start waits for. */
class Missing {
  #problem: ProblemError = new DatabaseUnavailable();

  get problem(): ProblemError {
    return this.#problem;
  }

  /** @returns whether waiting may mend what was thrown */
  takes(error: unknown): boolean {
    if (error instanceof KeysUnavailable) this.#problem = error;
    else if (
      isDatabaseUnavailable(error) ||
      error instanceof DatabaseUnavailable ||
      (error instanceof LedgerUnavailable && error.isTemporary)
    )
      this.#problem = new DatabaseUnavailable();
    else return false;
    return true;
  }
}

/** Puts the app together as soon as database and keys let it, for as long as it takes. @throws what no waiting can mend */
async function begin(
  { config, log, onCommand }: ServiceOptions,
  front: Front,
  metrics: Metrics,
  missing: Missing,
  stopping: AbortSignal,
): Promise<Serving> {
  for (;;) {
    const database = new Database({
      ...config,
      ...(onCommand === undefined ? {} : { onCommand }),
      onState: (state) => log[state === 'disconnected' ? 'warn' : 'info'](events.databaseState, { state }),
    });
    try {
      await database.connect(stopping);
      const app = await createApp({
        config,
        log,
        metrics,
        database,
        publicUrl: () => config.publicUrl ?? front.url,
        isDraining: () => front.isDraining,
      });
      await app.ready();
      return { app, database };
    } catch (error) {
      await database.close();
      if (!missing.takes(error)) throw error;
      await delay(RETRY_MS, undefined, { signal: stopping });
    }
  }
}

/** Answers while there is no database, or no master key. */
async function waitingApp(config: Config, log: Log, missing: Missing): Promise<FastifyInstance> {
  const app = await createServer({
    config,
    log,
    callerOf: () => undefined,
    unknownRoute: () => missing.problem,
  });
  await app.register(healthRoutes, {
    checks: { database: () => missing.problem instanceof KeysUnavailable, serving: () => false },
  });
  await app.register(waitingPopup, {
    accepts: (origin) => isAllowedOrigin(config, origin),
    providers: PROVIDERS,
    problem: () => missing.problem.problem,
  });
  await app.ready();
  return app;
}

const handlerOf =
  (app: FastifyInstance): RequestHandler =>
  (request, response) =>
    app.routing(request, response);
