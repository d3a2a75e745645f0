import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import { abortSignal } from '../http/abort.ts';
import { Nullable } from '../http/schema.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import { computeEvidence, type EvidenceParts } from './evidence.ts';

const properties = {
  computedAt: Type.String(),
  promises: Type.Array(
    Type.Object({
      number: Type.Integer(),
      title: Type.String(),
      holds: Nullable(Type.Boolean()),
      figure: Type.String(),
      test: Type.String(),
    }),
  ),
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      fields: Type.Array(Type.String()),
      count: Type.Integer(),
      oldestAt: Nullable(Type.String()),
      keyVersions: Type.Array(Type.String()),
    }),
  ),
  caches: Type.Array(
    Type.Object({ rep: Type.String(), rows: Type.Integer(), fetchedAt: Type.String(), expiresAt: Type.String() }),
  ),
  logFields: Type.Array(Type.String()),
  canary: Nullable(Type.Object({}, { additionalProperties: true })),
};
const EvidenceShape = Type.Object(properties);
const SignedShape = Type.Object({ ...properties, signature: Type.String() });

/** What is held of the admin's org, measured at the moment of asking. Source: API.md. */
export const evidenceRoutes: FastifyPluginAsyncTypebox<EvidenceParts & { readonly proofKeys: ProofKeys }> = async (
  app,
  { proofKeys, ...parts },
) => {
  app.get(
    '/v1/privacy/evidence',
    { onRequest: requireAdmin, schema: { answers: { 200: EvidenceShape } } },
    async (request) => computeEvidence(parts, request.openSession, abortSignal(request)),
  );

  // The same with a signature, for the customer's security team to keep and to check (`scripts/verify.mjs document`).
  app.get(
    '/v1/privacy/evidence/signed',
    {
      onRequest: requireAdmin,
      schema: { answers: { 200: SignedShape } },
    },
    async (request) => {
      const evidence = await computeEvidence(parts, request.openSession, abortSignal(request));
      return { ...evidence, signature: proofKeys.signDocument(evidence) };
    },
  );
};
