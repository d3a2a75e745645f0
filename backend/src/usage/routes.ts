import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import { abortSignal } from '../http/abort.ts';
import { Exact, Nullable } from '../http/schema.ts';
import { CALL_PURPOSES } from '../salesforce/call-purpose.ts';
import type { ApiUsage } from './api-usage.ts';
import { orgLimit } from './org-limit.ts';

const UsageAnswer = Exact({
  apiCallsToday: Type.Integer({ description: 'by OneShot, in the last 24 hours' }),
  orgLimit: Nullable(
    Type.Integer({ description: 'of the whole org for 24 hours; null where Salesforce does not say' }),
  ),
  orgRemaining: Nullable(Type.Integer()),
  byPurpose: Exact(Object.fromEntries(CALL_PURPOSES.map((purpose) => [purpose, Type.Integer()]))),
});

/** What OneShot costs the org in API calls. Source: API.md. */
export const usageRoutes: FastifyPluginAsyncTypebox<{ readonly usage: ApiUsage }> = async (app, { usage }) => {
  app.get(
    '/v1/admin/usage',
    { onRequest: requireAdmin, schema: { answers: { 200: UsageAnswer }, errors: [502] } },
    async (request) => {
      const { orgId, crm } = request.rep;
      // First the limit: the call that asks for it is one, too.
      const { max, remaining } = await orgLimit(crm, abortSignal(request));
      const { total, byPurpose } = await usage.lastDay(orgId);
      return { apiCallsToday: total, orgLimit: max, orgRemaining: remaining, byPurpose };
    },
  );
};
