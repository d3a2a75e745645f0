import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Activities } from '../activity/activities.ts';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import type { Cursors } from '../http/cursors.ts';
import { Cursor, Exact, Nullable, Words } from '../http/schema.ts';
import type { Contact } from './contact.ts';
import { contactsOfAccount, readContact } from './contacts.ts';

export interface ContactRoutesOptions {
  readonly activities: Activities;
  readonly cursors: Cursors;
}

const Text = Nullable(Type.String());

const ContactShape = Type.Object({
  id: Type.String(),
  accountId: Text,
  name: Text,
  title: Text,
  email: Text,
  phone: Text,
  lastActivityDate: Text,
  canEmail: Type.Boolean(),
  reasons: Type.Array(Words(['opted_out', 'bounced', 'no_email', 'do_not_contact', 'consent_hidden'])),
  lastSentAt: Nullable(Type.String({ format: 'date-time', description: 'the rep’s own last accepted send' })),
});

/** Contacts, read live; what is added from us is when the rep last wrote. Source: API.md. */
export const contactRoutes: FastifyPluginAsyncTypebox<ContactRoutesOptions> = async (app, { activities, cursors }) => {
  app.get(
    '/v1/accounts/:id/contacts',
    {
      schema: {
        summary: 'Contacts of an account, read live',
        params: Exact({ id: CrmId('account') }),
        querystring: Exact({ cursor: Type.Optional(Cursor) }),
        answers: { 200: Type.Object({ rows: Type.Array(ContactShape), nextCursor: Text }) },
        errors: [404, 409, 502],
      },
    },
    async (request) => {
      const { rep, params, query } = request;
      const page = await contactsOfAccount(rep, params.id, query.cursor, cursors, abortSignal(request));
      const sent = await activities.lastSent(
        rep,
        page.rows.map(({ id }) => id),
      );
      return { rows: page.rows.map((contact) => shape(contact, sent)), nextCursor: page.nextCursor };
    },
  );

  app.get(
    '/v1/contacts/:id',
    {
      schema: {
        summary: 'One contact, read live',
        params: Exact({ id: CrmId('contact') }),
        answers: { 200: Type.Object({ contact: ContactShape }) },
        errors: [404, 409, 502],
      },
    },
    async (request) => {
      const { rep, params } = request;
      const [contact, sent] = await Promise.all([
        readContact(rep.crm, params.id, abortSignal(request)),
        activities.lastSent(rep, [params.id]),
      ]);
      return { contact: shape(contact, sent) };
    },
  );
};

function shape(contact: Contact, sent: ReadonlyMap<string, Date>): Contact & { readonly lastSentAt: string | null } {
  return { ...contact, lastSentAt: sent.get(contact.id)?.toISOString() ?? null };
}
