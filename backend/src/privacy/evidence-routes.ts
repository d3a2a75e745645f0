import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireAdmin } from '../auth/guard.ts';
import { abortSignal } from '../http/abort.ts';
import { languageOf } from '../http/language.ts';
import { Nullable } from '../http/schema.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import { textsIn } from './evidence-texts.ts';
import { computeEvidence, type Evidence, type EvidenceParts } from './evidence.ts';

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

/** What is held of the admin's org, measured at the moment of asking, in the language of `Accept-Language`. Source: API.md. */
export const evidenceRoutes: FastifyPluginAsyncTypebox<EvidenceParts & { readonly proofKeys: ProofKeys }> = async (
  app,
  { proofKeys, ...parts },
) => {
  const measure = (request: FastifyRequest, reply: FastifyReply): Promise<Evidence> => {
    const language = languageOf(request.headers['accept-language']);
    void reply.header('content-language', language);
    return computeEvidence(parts, request.openSession, textsIn(language), abortSignal(request));
  };

  app.get('/v1/privacy/evidence', { onRequest: requireAdmin, schema: { answers: { 200: EvidenceShape } } }, measure);

  // The same with a signature, for the customer's security team to keep and to check (`scripts/verify.mjs document`).
  app.get(
    '/v1/privacy/evidence/signed',
    {
      onRequest: requireAdmin,
      schema: { answers: { 200: SignedShape } },
    },
    async (request, reply) => {
      const evidence = await measure(request, reply);
      return { ...evidence, signature: proofKeys.signDocument(evidence) };
    },
  );
};
