import type { FastifyInstance } from 'fastify';
import { SendingPaused } from './problems.ts';
import type { Restore } from './restore.ts';

/** Routes that make something leave in a rep's name. */
const SENDING: ReadonlySet<string> = new Set(['/v1/emails', '/v1/outreach/enrolments']);

/** Holds mail and enrolments back while sending is paused. Call it before those routes are registered. */
export function holdSending(app: FastifyInstance, restore: Restore): void {
  app.addHook('onRoute', (route) => {
    if (!SENDING.has(route.url) || ![route.method].flat().includes('POST')) return;
    route.preHandler = [
      async () => {
        if (await restore.isSendingPaused()) throw new SendingPaused();
      },
      ...[route.preHandler ?? []].flat(),
    ];
  });
}
