import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import { abortSignal } from '../http/abort.ts';
import { NotFound } from '../http/problems.ts';
import { Exact, IdempotencyKeyHeader, Nullable } from '../http/schema.ts';
import type { Audit } from './audit.ts';
import type { KeptHeads } from './kept-heads.ts';

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

const head = {
  org: Type.String(),
  seq: Type.Integer(),
  hash: Type.String(),
  at: Type.String(),
  signature: Type.String(),
};
const HeadAnswer = Type.Object(head);
const KeptHeadAnswer = Exact({
  ...head,
  keptAt: Type.String({ description: 'when Salesforce took it' }),
  holds: Nullable(Type.Boolean({ description: 'null: the record is not what OneShot signed' })),
});

export interface AuditRoutesOptions {
  readonly audit: Audit;
  readonly keptHeads: KeptHeads;
}

/** The audit trail of the admin's org, newest first, its signed head, and the heads kept in Salesforce. Source: API.md. */
export const auditRoutes: FastifyPluginAsyncTypebox<AuditRoutesOptions> = async (app, { audit, keptHeads }) => {
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

  // To be kept where we cannot reach.
  app.get(
    '/v1/audit/head',
    { onRequest: requireAdmin, schema: { answers: { 200: HeadAnswer }, errors: [404] } },
    async ({ rep }) => {
      const newest = await audit.head(rep.orgId);
      if (newest === undefined) throw new NotFound();
      return newest;
    },
  );

  // Kept in the customer's own Salesforce, as the admin who asks.
  app.get(
    '/v1/audit/heads',
    {
      onRequest: requireAdmin,
      schema: {
        answers: { 200: Exact({ rows: Type.Array(KeptHeadAnswer), nextCursor: Type.Null() }) },
        errors: [409, 502],
      },
    },
    async (request) => ({ rows: [...(await keptHeads.list(request.rep, abortSignal(request)))], nextCursor: null }),
  );

  app.post(
    '/v1/audit/heads',
    {
      onRequest: requireAdmin,
      schema: {
        headers: IdempotencyKeyHeader,
        answers: { 201: Exact({ head: KeptHeadAnswer }) },
        errors: [404, 409, 502],
      },
    },
    async (request, reply) => {
      const kept = await keptHeads.keep(request.rep, request.headers['idempotency-key'], abortSignal(request));
      return reply.code(201).send({ head: kept });
    },
  );
};
