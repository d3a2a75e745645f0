import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Audit } from '../audit/audit.ts';
import { requireAdmin, requireFreshAdmin } from '../auth/guard.ts';
import type { SalesforceOAuth } from '../auth/salesforce-oauth.ts';
import { abortSignal } from '../http/abort.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { Exact, NoContent, Nullable } from '../http/schema.ts';
import type { Users } from './users.ts';

export interface UserRoutesOptions {
  readonly users: Users;
  readonly oauth: SalesforceOAuth;
  readonly audit: Audit;
  readonly log: Log;
}

const UsersAnswer = Exact({
  rows: Type.Array(
    Exact({
      id: Type.String(),
      name: Nullable(Type.String({ description: 'live from Salesforce; null where it cannot be read' })),
      email: Type.String(),
      status: Type.String({ description: 'active, or inactive: deactivated in Salesforce' }),
      lastSignInAt: Type.String({ format: 'date-time' }),
      sessions: Type.Integer(),
      connections: Type.Array(Exact({ provider: Type.String(), status: Type.String() })),
    }),
  ),
  nextCursor: Nullable(Type.String()),
});

const UserId = Exact({ id: Type.String({ pattern: '^usr_[A-Za-z0-9_-]{22}$' }) });

/** Who is connected, and ending their sessions. Source: API.md, DESIGN 6. */
export const userRoutes: FastifyPluginAsyncTypebox<UserRoutesOptions> = async (app, { users, oauth, audit, log }) => {
  app.get(
    '/v1/admin/users',
    {
      onRequest: requireAdmin,
      schema: {
        querystring: Exact({
          cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}\\.usr_[A-Za-z0-9_-]{22}$' })),
        }),
        answers: { 200: UsersAnswer },
        errors: [502],
      },
    },
    async (request) => users.page(request.rep, request.query.cursor, abortSignal(request)),
  );

  app.delete(
    '/v1/admin/users/:id/sessions',
    { onRequest: requireAdmin, schema: { params: UserId, answers: { 204: NoContent }, errors: [404] } },
    async ({ rep, params }, reply) => {
      const ended = await users.endSessions(rep.orgId, params.id);
      await audit.append({ orgId: rep.orgId, actor: rep.userId, action: 'sessions_ended', target: params.id });
      log.info(events.sessionsRevoked, { org: rep.orgId, rep: params.id, sessions: ended });
      return reply.code(204).send();
    },
  );

  app.delete(
    '/v1/admin/sessions',
    {
      onRequest: requireAdmin,
      preHandler: requireFreshAdmin(oauth),
      schema: { answers: { 204: NoContent }, errors: [502] },
    },
    async ({ rep }, reply) => {
      // Before: when all sessions are over there must be an entry of who did it.
      await audit.append({ orgId: rep.orgId, actor: rep.userId, action: 'all_sessions_ended', target: rep.orgId });
      const ended = await users.endAllSessions(rep.orgId);
      log.info(events.sessionsRevoked, { org: rep.orgId, rep: rep.userId, sessions: ended });
      return reply.code(204).send();
    },
  );
};
