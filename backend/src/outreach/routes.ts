import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import { Cursor, Exact, IdempotencyKeyHeader, Nullable, Words } from '../http/schema.ts';
import type { Outreach } from './outreach.ts';

/** Outreach's ids are numbers; they travel as text. */
const OutreachId = Type.String({ pattern: '^[0-9]{1,15}$' });
const Text = Nullable(Type.String());

const SequencesAnswer = Type.Object({
  rows: Type.Array(Type.Object({ id: Type.String(), name: Text, enabled: Type.Boolean(), locked: Type.Boolean() })),
  nextCursor: Text,
});
const MailboxesAnswer = Type.Object({
  rows: Type.Array(Type.Object({ id: Type.String(), email: Text, canSend: Type.Boolean() })),
});
const Enrolled = {
  id: Type.String({ description: 'opaque' }),
  state: Words(['accepted', 'unknown']),
  prospect: Type.Optional(Words(['found', 'created'])),
};

/** Outreach as the rep: sequences, mailboxes, enrolments. Source: API.md. */
export const outreachRoutes: FastifyPluginAsyncTypebox<{ readonly outreach: Outreach }> = async (app, { outreach }) => {
  app.get(
    '/v1/outreach/sequences',
    {
      schema: {
        summary: 'Sequences, read live',
        querystring: Exact({
          search: Type.Optional(Type.String({ maxLength: 255, description: 'Part of the name' })),
          cursor: Type.Optional(Cursor),
        }),
        answers: { 200: SequencesAnswer },
        errors: [409, 422, 502],
      },
    },
    async (request) => outreach.sequences(request.rep, request.query, abortSignal(request)),
  );

  app.get(
    '/v1/outreach/mailboxes',
    { schema: { summary: 'Mailboxes, read live', answers: { 200: MailboxesAnswer }, errors: [409, 422, 502] } },
    async (request) => ({ rows: await outreach.mailboxes(request.rep, abortSignal(request)) }),
  );

  app.post(
    '/v1/outreach/enrolments',
    {
      schema: {
        summary: 'Add a contact to a sequence',
        body: Exact({ contactId: CrmId('contact'), sequenceId: OutreachId, mailboxId: OutreachId }),
        headers: IdempotencyKeyHeader,
        answers: {
          200: Type.Object({ ...Enrolled, alreadyInSequence: Type.Optional(Type.Boolean()) }),
          201: Type.Object(Enrolled),
        },
        errors: [404, 409, 422, 502],
      },
    },
    async (request, reply) => {
      const { rep, body, headers } = request;
      const kept = await outreach.enrol(rep, { ...body, key: headers['idempotency-key'] }, abortSignal(request));
      const { id, outcome, prospect, alreadyInSequence } = kept;
      const answer = { id, state: outcome, ...(prospect === undefined ? {} : { prospect }) };
      if (alreadyInSequence) return { ...answer, alreadyInSequence };
      return reply.code(outcome === 'accepted' ? 201 : 200).send(answer);
    },
  );
};
