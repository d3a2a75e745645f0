import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { Words } from './schema.ts';

/** One thing that must work before this process may serve. */
export type Check = () => boolean | Promise<boolean>;

export interface HealthParts {
  /** By name; asked at each `/readyz`. */
  readonly checks: Readonly<Record<string, Check>>;
}

const CHECK_TIMEOUT_MS = 3_000;

const HealthAnswer = Type.Object({
  status: Words(['ok', 'unavailable']),
  checks: Type.Record(Type.String(), Words(['ok', 'failed'])),
});

/**
 * `/healthz`: the process runs and answers; restarting it would not help a database. `/readyz`: it may be sent requests.
 * Source: API.md, last rows.
 */
export const healthRoutes: FastifyPluginAsync<HealthParts> = async (app, { checks }) => {
  const config = { open: true, unlimited: true };
  const schema = { security: [], answers: { 200: HealthAnswer, 503: HealthAnswer } };
  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    config,
    schema,
    handler: async () => ({ status: 'ok', checks: { process: 'ok' } }),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    config,
    schema,
    handler: async (_request, reply) => {
      const results = await Promise.all(Object.values(checks).map(holds));
      const answer = Object.fromEntries(
        Object.keys(checks).map((name, index) => [name, results[index] ? 'ok' : 'failed']),
      );
      const isReady = results.every((result) => result);
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks: answer });
    },
  });
};

/** A check that throws or takes too long has failed. */
async function holds(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(check()), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
