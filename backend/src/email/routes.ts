import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { outcomeOf } from '../activity/activities.ts';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import type { Cursors } from '../http/cursors.ts';
import { Cursor, Exact, IdempotencyKeyHeader, Nullable, Words } from '../http/schema.ts';
import type { Mailer } from './mailer.ts';
import { renderTemplate } from './render.ts';
import { MAX_CONTENT, MAX_SUBJECT } from './send-input.ts';
import { listTemplates } from './templates.ts';

export interface EmailRoutesOptions {
  readonly mailer: Mailer;
  readonly cursors: Cursors;
}

/** Bytes of a whole request to send, beyond which it is 413: HTML and text at their longest, in ASCII. */
const BODY_LIMIT = 640 * 1024;

const EmailBody = Exact({
  contactId: CrmId('contact'),
  accountId: Type.Optional(CrmId('account')),
  channel: Words(['gmail', 'outlook']),
  subject: Type.String({ maxLength: MAX_SUBJECT }),
  html: Type.String({ maxLength: MAX_CONTENT }),
  text: Type.Optional(Type.String({ maxLength: MAX_CONTENT })),
  logToSalesforce: Type.Optional(Type.Boolean()),
});

const Stored = Type.Object({
  accountId: Nullable(Type.String()),
  contactId: Type.String(),
  repId: Type.String({ description: 'opaque' }),
  channel: Words(['gmail', 'outlook']),
  at: Type.String({ format: 'date-time' }),
  outcome: Words(['accepted', 'unknown']),
});
const Id = Type.String({ description: 'opaque' });

const Accepted = Type.Object({
  id: Id,
  state: Words(['accepted'], { description: 'by the provider, which is not delivered' }),
  stored: Stored,
  task: Words(['created', 'failed', 'unknown', 'none']),
});
const Unknown = Type.Object({
  id: Id,
  state: Words(['unknown'], { description: 'the line was cut: it may have been sent' }),
  stored: Stored,
});

const TemplatesQuery = Exact({
  search: Type.Optional(Type.String({ maxLength: 80, description: 'Part of the name' })),
  cursor: Type.Optional(Cursor),
});
const TemplatesAnswer = Type.Object({
  rows: Type.Array(Type.Object({ id: Type.String(), name: Nullable(Type.String()), folder: Nullable(Type.String()) })),
  nextCursor: Nullable(Type.String()),
});
const RenderAnswer = Type.Object({
  subject: Type.String(),
  html: Type.String(),
  text: Type.String(),
  missing: Type.Array(Type.String()),
});

/** The org's own templates, and mails from the rep's own mailbox. Source: API.md, DESIGN 2.5. */
export const emailRoutes: FastifyPluginAsyncTypebox<EmailRoutesOptions> = async (app, { mailer, cursors }) => {
  app.get(
    '/v1/email-templates',
    {
      schema: {
        summary: 'The org’s own e-mail templates, read live',
        querystring: TemplatesQuery,
        answers: { 200: TemplatesAnswer },
        errors: [409, 502],
      },
    },
    async (request) => listTemplates(request.rep, request.query, cursors, abortSignal(request)),
  );

  app.post(
    '/v1/email-templates/:id/render',
    {
      schema: {
        summary: 'A template with the values of one contact',
        params: Exact({ id: CrmId('emailTemplate') }),
        body: Exact({ contactId: CrmId('contact') }),
        answers: { 200: RenderAnswer },
        errors: [404, 409, 502],
      },
    },
    async (request) => renderTemplate(request.rep, request.params.id, request.body.contactId, abortSignal(request)),
  );

  app.post(
    '/v1/emails',
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        summary: 'Send a mail from the rep’s own mailbox',
        body: EmailBody,
        headers: IdempotencyKeyHeader,
        answers: { 200: Unknown, 201: Accepted },
        errors: [404, 409, 422, 502],
      },
    },
    async (request, reply) => {
      const { rep, body, headers } = request;
      const kept = await mailer.send(rep, { ...body, key: headers['idempotency-key'] }, abortSignal(request));
      const { id, accountId, contactId, repId, channel, at, task } = kept;
      const outcome = outcomeOf(kept.outcome);
      const answer = {
        id,
        state: outcome,
        stored: { accountId, contactId, repId, channel, at: at.toISOString(), outcome },
      };
      if (outcome === 'unknown') return answer;
      return reply.code(201).send({ ...answer, task });
    },
  );
};
