import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import { Cursor, Exact, Nullable, Words } from '../http/schema.ts';
import type { Activities } from './activities.ts';
import { liveNames } from './live-names.ts';
import { CHANNELS } from './model.ts';

const ActivityQuery = Exact({
  accountId: Type.Optional(CrmId('account')),
  contactId: Type.Optional(CrmId('contact')),
  cursor: Type.Optional(Cursor),
});

const Named = Type.Object({
  id: Nullable(Type.String()),
  name: Nullable(Type.String({ description: 'read live' })),
  deleted: Type.Boolean({ description: 'deleted, or no longer visible to this rep' }),
});

const ActivityAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String({ description: 'opaque' }),
      at: Type.String({ format: 'date-time' }),
      channel: Words(CHANNELS),
      outcome: Words(['accepted', 'refused', 'failed', 'unknown']),
      account: Named,
      contact: Named,
    }),
  ),
  nextCursor: Nullable(Type.String()),
});

/** Whom the signed-in rep wrote to. Source: API.md, DESIGN 2.5. */
export const activityRoutes: FastifyPluginAsyncTypebox<{ readonly activities: Activities }> = async (
  app,
  { activities },
) => {
  app.get(
    '/v1/activity',
    {
      schema: {
        summary: 'The rep’s own sends, the latest first',
        querystring: ActivityQuery,
        answers: { 200: ActivityAnswer },
        errors: [502],
      },
    },
    async (request) => {
      const { rep, query } = request;
      const signal = abortSignal(request);
      const { rows, nextCursor } = await activities.page(rep, query);
      const [account, contact] = await Promise.all([
        liveNames(
          rep.crm,
          'Account',
          rows.map(({ accountId }) => accountId),
          signal,
        ),
        liveNames(
          rep.crm,
          'Contact',
          rows.map(({ contactId }) => contactId),
          signal,
        ),
      ]);
      return {
        rows: rows.map(({ id, at, channel, outcome, accountId, contactId }) => ({
          id,
          at: at.toISOString(),
          channel,
          outcome,
          account: account(accountId),
          contact: contact(contactId),
        })),
        nextCursor,
      };
    },
  );
};
