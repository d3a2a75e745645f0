import { randomBytes } from 'node:crypto';

/** A word that nobody can guess and that folding, title case, HTML and JSON leave as it is. */
const word = (): string => `canary${randomBytes(12).toString('hex')}`;

/** Planted values: what a CRM holds, what providers hand out, what a rep types. None may be found afterwards. */
export const newPlants = () => ({
  accountName: word(),
  city: word(),
  website: word(),
  industry: word(),
  owner: word(),
  contactName: word(),
  contactTitle: word(),
  contactPhone: word(),
  contactMail: word(),
  repMail: word(),
  repName: word(),
  templateName: word(),
  templateSubject: word(),
  templateText: word(),
  crmToken: word(),
  mailboxAddress: word(),
  mailAccessToken: word(),
  mailRefreshToken: word(),
  searched: word(),
  mistyped: word(),
  mailSubject: word(),
  mailText: word(),
});

export type Plants = Readonly<ReturnType<typeof newPlants>>;
