import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import { languageOf } from '../http/language.ts';
import { Exact, Nullable, Words } from '../http/schema.ts';
import type { Checklist } from './checklist.ts';
import { CHECKS } from './findings.ts';
import { wordFindings } from './texts.ts';

const ChecklistAnswer = Exact({
  rows: Type.Array(
    Exact({
      id: Words(CHECKS),
      title: Type.String(),
      state: Words(['ok', 'todo', 'unknown']),
      seen: Type.String({ description: 'what was looked up, a moment ago' }),
      steps: Type.Array(Type.String()),
      url: Type.String({ description: "the page of the org's own Setup" }),
    }),
  ),
});

const RepsAnswer = Exact({
  rows: Type.Array(Exact({ id: Type.String(), name: Type.String() })),
  nextCursor: Nullable(Type.String()),
});

/** The live checklist, in the language of `Accept-Language` (English, German). Source: API.md. */
export const setupRoutes: FastifyPluginAsyncTypebox<{ readonly checklist: Checklist }> = async (app, { checklist }) => {
  app.get(
    '/v1/setup/checklist',
    {
      onRequest: requireAdmin,
      schema: {
        querystring: Exact({ rep: Type.Optional(CrmId('user')) }),
        answers: { 200: ChecklistAnswer },
        errors: [502],
      },
    },
    async (request, reply) => {
      const { rep: admin, openSession: grant, query, headers } = request;
      const findings = await checklist.of({ admin, grant, repId: query.rep }, abortSignal(request));
      const language = languageOf(headers['accept-language']);
      void reply.header('content-language', language);
      return { rows: wordFindings(findings, language, admin.origin) };
    },
  );

  app.get(
    '/v1/setup/reps',
    {
      onRequest: requireAdmin,
      schema: {
        querystring: Exact({ search: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })) }),
        answers: { 200: RepsAnswer },
        errors: [409, 502],
      },
    },
    async (request) => ({
      rows: await checklist.reps(request.rep, request.query.search, abortSignal(request)),
      nextCursor: null,
    }),
  );
};
