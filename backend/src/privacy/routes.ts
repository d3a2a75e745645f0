import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import { abortSignal } from '../http/abort.ts';
import { Exact } from '../http/schema.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import { ErasedShape, ExportShape, KeysShape, ReceiptShape } from './answers.ts';
import { exportUser } from './export.ts';
import type { HeldData, Revocation } from './held-data.ts';
import type { Privacy } from './privacy.ts';

export interface PrivacyRoutesOptions {
  readonly privacy: Privacy;
  readonly auth: Pick<Auth, 'sessions' | 'people' | 'oauth'>;
  readonly audit: Audit;
  readonly rooms: readonly HeldData[];
  readonly proofKeys: ProofKeys;
}

/** What a rep can do about their own data, and what anybody can check. Source: API.md, DESIGN 2.11. */
export const privacyRoutes: FastifyPluginAsyncTypebox<PrivacyRoutesOptions> = async (app, options) => {
  const { privacy, auth, audit, rooms, proofKeys } = options;

  app.get('/v1/privacy/export', { schema: { answers: { 200: ExportShape } } }, async ({ rep }) => {
    const { orgId, userId } = rep;
    await audit.append({ orgId, actor: userId, action: 'exported', target: userId });
    return exportUser(
      {
        profileOf: (org, user) => auth.people.profileOf(org, user),
        sessionsOf: (org, user) => auth.sessions.stored.listOf(org, user),
        auditOf: (org, user) => audit.of(org, user),
        rooms,
      },
      rep,
    );
  });

  app.delete('/v1/privacy/me', { schema: { answers: { 200: ErasedShape }, errors: [409] } }, async (request) => {
    const { rep, instanceUrl, accessToken } = request.openSession;
    const { orgId, userId } = rep;
    await audit.append({ orgId, actor: userId, action: 'erasure_asked', target: userId });
    // Before connections are ended: they are a part of what goes.
    const counts = await privacy.erasure.count({ orgId, userId });
    // While the rep is there to open their tokens: afterwards nobody can.
    const revocations: Revocation[] = [];
    for (const room of rooms) revocations.push(...((await room.revokeGrants?.(rep, abortSignal(request))) ?? []));
    const receipt = await privacy.erasure.erase({ orgId, userId }, revocations, counts);
    await auth.oauth.revoke(instanceUrl, accessToken);
    return { receipt };
  });

  app.get(
    '/v1/privacy/receipts/:id',
    {
      config: { open: true },
      schema: {
        params: Exact({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }) }),
        answers: { 200: ReceiptShape },
        errors: [404],
      },
    },
    async ({ params }) => privacy.receipts.read(params.id),
  );

  // What checks the signature of a receipt, a head of an audit trail or an evidence document, without us.
  app.get(
    '/v1/privacy/keys',
    { config: { open: true }, schema: { answers: { 200: KeysShape } } },
    async () => proofKeys.jwks,
  );
};
