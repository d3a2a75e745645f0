import type { Rep } from '../auth/rep.ts';
import type { Cursors } from '../http/cursors.ts';
import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { CrmNotFound } from '../salesforce/errors.ts';
import { fields, ids, number, soql, text, type Soql, type SoqlPart } from '../salesforce/soql.ts';
import { describeContacts, individualWishes, visibleConsent, type Described } from './consent.ts';
import { CONTACT_FIELDS, contactOf, type Contact } from './contact.ts';

const PAGE = 50;

/** Who a rep may read contacts as. */
export type ContactReader = Pick<Rep, 'orgId' | 'userId' | 'crm'>;

/**
 * Contacts of an account by name, live, a page at a time.
 * @throws CrmNotFound the account does not exist, or the rep may not see it; Invalid the cursor is not of this list;
 *   the Crm errors of CrmConnection
 */
export async function contactsOfAccount(
  rep: ContactReader,
  accountId: string,
  cursor: string | undefined,
  cursors: Cursors,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Contact[]; readonly nextCursor: string | null }> {
  const { crm, orgId, userId } = rep;
  const list = { orgId, userId, list: `contacts ${accountId}` };
  const after = cursor === undefined ? undefined : await cursors.open(list, cursor);
  const [described, account] = await Promise.all([
    describeContacts(crm, signal),
    crm.queryAll(soql`SELECT ${fields(['Id'])} FROM Account WHERE Id IN ${ids([accountId])}`, signal),
  ]);
  if (account.length === 0) throw new CrmNotFound();
  const records = await crm.queryAll(pageQuery(columnsOf(described), accountId, after), signal);
  const shown = records.slice(0, PAGE);
  const last = shown.at(-1);
  const isMore = records.length > PAGE && typeof last?.Id === 'string' && typeof last.Name === 'string';
  return {
    rows: await contactsFrom(crm, described, shown, signal),
    nextCursor: isMore ? await cursors.seal(list, [last.Name as string, last.Id as string]) : null,
  };
}

/**
 * One contact, live.
 * @throws CrmNotFound it does not exist, or the rep may not see it; the Crm errors of CrmConnection
 */
export async function readContact(crm: CrmConnection, id: string, signal: AbortSignal): Promise<Contact> {
  const described = await describeContacts(crm, signal);
  const columns = columnsOf(described);
  const records = await crm.queryAll(soql`SELECT ${columns} FROM Contact WHERE Id IN ${ids([id])}`, signal);
  const [contact] = await contactsFrom(crm, described, records, signal);
  if (contact === undefined) throw new CrmNotFound();
  return contact;
}

function columnsOf({ contact }: Described): SoqlPart {
  return fields(['Id', 'Name', ...CONTACT_FIELDS.filter((name) => contact.fields.has(name))]);
}

/** By name, then by id: a page begins behind the last row of the one before, whatever was added meanwhile. */
function pageQuery(columns: SoqlPart, accountId: string, after: readonly string[] | undefined): Soql {
  const account = ids([accountId]);
  const limit = number(PAGE + 1);
  if (after === undefined)
    return soql`SELECT ${columns} FROM Contact WHERE AccountId IN ${account} ORDER BY Name, Id LIMIT ${limit}`;
  const [name = '', id = ''] = after;
  return soql`SELECT ${columns} FROM Contact WHERE AccountId IN ${account} AND (Name > ${text(name)} OR (Name = ${text(name)} AND Id > ${text(id)})) ORDER BY Name, Id LIMIT ${limit}`;
}

async function contactsFrom(
  crm: CrmConnection,
  described: Described,
  records: readonly CrmRecord[],
  signal: AbortSignal,
): Promise<readonly Contact[]> {
  if (records.length === 0) return [];
  const individuals = records.map(({ IndividualId }) => IndividualId).filter((id) => typeof id === 'string');
  const consent = visibleConsent(described);
  const wishOf = await individualWishes(crm, described, individuals, signal);
  return records.map((record) => contactOf(record, consent, wishOf));
}
