import { recordId } from '../ids.ts';
import { datetimeText, type Row } from '../schema.ts';

/** A person who can sign in to the demo org, or only owns accounts in it. All invented. */
export interface DemoPerson {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Permission sets, as `/__control/users` calls them. */
  readonly permissions: readonly string[];
  readonly timezone: string;
  readonly locale: string;
  readonly language: string;
  readonly currency: string;
}

const BERLIN = { timezone: 'Europe/Berlin', locale: 'de_DE', language: 'de', currency: 'EUR' } as const;
const NEW_YORK = { timezone: 'America/New_York', locale: 'en_US', language: 'en_US', currency: 'USD' } as const;

/** What somebody is who was made by a test and said nothing else. */
export const DEFAULT_REGIONAL = NEW_YORK;

const owner = (firstName: string, lastName: string): DemoPerson => ({
  username: `${firstName}.${lastName}@demo.example`
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9@.-]/g, '')
    .toLowerCase(),
  firstName,
  lastName,
  permissions: [],
  ...NEW_YORK,
});

/** The four people of DESIGN 9 first, then colleagues who own accounts. */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    username: 'rep.one@demo.example',
    firstName: 'Robin',
    lastName: 'Onesmith',
    permissions: ['OneShot_User'],
    ...NEW_YORK,
  },
  {
    username: 'rep.two@demo.example',
    firstName: 'Tomke',
    lastName: 'Zweifeld',
    permissions: ['OneShot_User'],
    ...BERLIN,
  },
  {
    username: 'admin@demo.example',
    firstName: 'Ada',
    lastName: 'Minister',
    permissions: ['OneShot_Admin'],
    ...NEW_YORK,
  },
  { username: 'outsider@demo.example', firstName: 'Otto', lastName: 'Aussen', permissions: [], ...BERLIN },
  owner('Beatriz', 'Campoverde'),
  owner('Chen', 'Mingyue'),
  owner('Dervla', "O'Hanrahan"),
  owner('Émile', 'Laforêtte'),
  owner('Farouk', 'Benhaddar'),
  owner('Ingrid', 'Sølvberg'),
];

/** Id of a demo person's user record. @param index place in `DEMO_PEOPLE` */
export const personId = (index: number): string => recordId('005', index + 1);

/** Id of the admin, who made everything that nobody else made. */
export const ADMIN_ID = personId(2);

/** The user record of a person. */
export function userRow(id: string, person: DemoPerson, createdAt: number): Row {
  return {
    Id: id,
    Username: person.username,
    FirstName: person.firstName,
    LastName: person.lastName,
    Name: `${person.firstName} ${person.lastName}`,
    Email: person.username,
    IsActive: true,
    UserType: 'Standard',
    CompanyName: 'Demo Org',
    TimeZoneSidKey: person.timezone,
    LocaleSidKey: person.locale,
    LanguageLocaleKey: person.language,
    DefaultCurrencyIsoCode: person.currency,
    ...stamps(createdAt, ADMIN_ID),
  };
}

/** Who made a record and when, as all rows of the start have it. */
export function stamps(at: number, by: string): Record<string, string> {
  const text = datetimeText(at);
  return { CreatedDate: text, CreatedById: by, LastModifiedDate: text, LastModifiedById: by, SystemModstamp: text };
}
