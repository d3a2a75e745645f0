import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import { NotFound } from '../http/problems.ts';
import { Exact, Nullable } from '../http/schema.ts';
import type { Audit } from './audit.ts';

const PAGE = 50;

const AuditAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      at: Type.String(),
      actor: Type.String(),
      action: Type.String(),
      target: Type.String(),
      hash: Type.String(),
    }),
  ),
  verified: Type.Boolean(),
  brokenAt: Nullable(Type.Integer()),
  nextCursor: Nullable(Type.String()),
});

const HeadAnswer = Type.Object({
  org: Type.String(),
  seq: Type.Integer(),
  hash: Type.String(),
  at: Type.String(),
  signature: Type.String(),
});

/** The audit trail of the admin's org, newest first, and its signed head. Source: API.md. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ readonly audit: Audit }> = async (app, { audit }) => {
  app.get(
    '/v1/audit',
    {
      onRequest: requireAdmin,
      schema: {
        querystring: Exact({ cursor: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,14}$' })) }),
        answers: { 200: AuditAnswer },
      },
    },
    async ({ rep, query }) =>
      audit.page(rep.orgId, PAGE, query.cursor === undefined ? undefined : Number(query.cursor)),
  );

  // To be kept where we cannot reach: in the customer's own Salesforce, for instance.
  app.get(
    '/v1/audit/head',
    { onRequest: requireAdmin, schema: { answers: { 200: HeadAnswer }, errors: [404] } },
    async ({ rep }) => {
      const head = await audit.head(rep.orgId);
      if (head === undefined) throw new NotFound();
      return head;
    },
  );
};
