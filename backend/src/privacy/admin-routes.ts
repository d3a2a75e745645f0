import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import { requireAdmin, requireFreshAdmin } from '../auth/guard.ts';
import { CrmId } from '../http/crm-id.ts';
import { Invalid, NotFound } from '../http/problems.ts';
import { Exact } from '../http/schema.ts';
import { ErasedShape } from './answers.ts';
import type { Privacy } from './privacy.ts';

export interface PrivacyAdminOptions {
  readonly privacy: Privacy;
  readonly auth: Pick<Auth, 'people' | 'oauth'>;
  readonly audit: Audit;
}

/** What an admin can erase, each after a fresh sign-in. Source: API.md, DESIGN 6. */
export const privacyAdminRoutes: FastifyPluginAsyncTypebox<PrivacyAdminOptions> = async (app, options) => {
  const { privacy, auth, audit } = options;
  const destructive = { onRequest: requireAdmin, preHandler: requireFreshAdmin(auth.oauth) };

  app.delete(
    '/v1/admin/users/:id',
    {
      ...destructive,
      schema: {
        params: Exact({ id: Type.String({ pattern: '^usr_[A-Za-z0-9_-]{22}$' }) }),
        answers: { 200: ErasedShape },
        errors: [404, 409, 502],
      },
    },
    async ({ rep, params }) => {
      const { orgId } = rep;
      if (!(await auth.people.exists(orgId, params.id))) throw new NotFound();
      await audit.append({ orgId, actor: rep.userId, action: 'user_erased', target: params.id });
      return { receipt: await privacy.erasure.erase({ orgId, userId: params.id }) };
    },
  );

  app.delete(
    '/v1/admin/org',
    {
      ...destructive,
      schema: {
        body: Exact({ confirm: Type.String({ minLength: 1, maxLength: 18 }) }),
        answers: { 202: Exact({ receiptId: Type.String() }) },
        errors: [502],
      },
    },
    async ({ rep, body }, reply) => {
      const { orgId, userId } = rep;
      if (body.confirm !== rep.salesforceOrgId)
        throw new Invalid('confirm', 'org_id', 'To erase everything, give the 18-character id of your Salesforce org.');
      await audit.append({ orgId: 'region', actor: userId, action: 'org_erased', target: orgId });
      return reply.code(202).send({ receiptId: await privacy.erasure.begin({ orgId }) });
    },
  );

  app.delete(
    '/v1/admin/contacts/:contactId/activity',
    {
      ...destructive,
      schema: {
        params: Exact({ contactId: CrmId('contact') }),
        answers: { 200: Exact({ erased: Type.Integer({ minimum: 0 }) }) },
        errors: [502],
      },
    },
    async ({ rep, params }) => {
      await audit.append({ orgId: rep.orgId, actor: rep.userId, action: 'contact_erased', target: 'contact' });
      return { erased: await privacy.eraseContact(rep.orgId, params.contactId) };
    },
  );
};
