import { recordId } from '../ids.ts';
import { hash, Random } from '../random.ts';
import { datetimeText, type Row } from '../schema.ts';
import { accountFacts } from './accounts.ts';
import { stamps } from './people.ts';
import { FIRST_NAMES, LAST_NAMES, TITLES } from './words.ts';

const SEED = 0x0052;
const DAY = 86_400_000;

/** Reasons why somebody may not be written to; the rest are free. Each of the four is met often in the demo org. */
type Consent = 'free' | 'opted_out' | 'bounced' | 'no_email' | 'do_not_contact';

function consentOf(random: Random): Consent {
  const draw = random.next();
  if (draw < 0.1) return 'opted_out';
  if (draw < 0.16) return 'bounced';
  if (draw < 0.22) return 'no_email';
  if (draw < 0.27) return 'do_not_contact';
  return 'free';
}

/** Most accounts have a contact or two, one in eight has none. */
const contactCount = (random: Random): number => (random.chance(0.125) ? 0 : random.int(1, 3));

/**
 * Contacts of the first `accounts` accounts, and the Individuals of those among them who have one.
 * @param today epoch milliseconds at the start of the day on which the org was made
 */
export function contactRows(accounts: number, today: number): { contacts: Row[]; individuals: Row[] } {
  const contacts: Row[] = [];
  const individuals: Row[] = [];
  for (let index = 0; index < accounts; index++) {
    const account = accountFacts(index);
    const random = new Random(hash(String(index), SEED));
    for (let left = contactCount(random); left > 0; left--) {
      const firstName = random.pick(FIRST_NAMES);
      const lastName = random.pick(LAST_NAMES);
      const consent = consentOf(random);
      const id = recordId('003', contacts.length + 1);
      const made = stamps(today - random.int(1, 900) * DAY, account.ownerId);
      let individualId: string | null = null;
      if (consent === 'do_not_contact' || random.chance(0.1)) {
        individualId = recordId('0PK', individuals.length + 1);
        individuals.push(individualRow(individualId, firstName, lastName, consent === 'do_not_contact', random, made));
      }
      contacts.push({
        Id: id,
        AccountId: account.id,
        OwnerId: account.ownerId,
        FirstName: firstName,
        LastName: lastName,
        Title: random.chance(0.9) ? random.pick(TITLES) : null,
        Email: consent === 'no_email' ? null : emailOf(firstName, lastName, contacts.length),
        Phone: random.chance(0.8) ? `${account.place.phone} ${random.int(100, 999)} ${random.int(1000, 9999)}` : null,
        MailingCity: account.place.cities[0] ?? null,
        MailingCountry: account.place.country,
        HasOptedOutOfEmail: consent === 'opted_out',
        EmailBouncedDate: consent === 'bounced' ? datetimeText(today - random.int(1, 200) * DAY) : null,
        EmailBouncedReason: consent === 'bounced' ? 'smtp;550 5.1.1 mailbox unknown' : null,
        IndividualId: individualId,
        LastActivityDate: random.chance(0.6) ? datetimeText(today - random.int(0, 300) * DAY).slice(0, 10) : null,
        CurrencyIsoCode: account.place.currency,
        ...made,
      });
    }
  }
  return { contacts, individuals };
}

/** One person has one address in the whole org: the number tells namesakes apart. */
function emailOf(firstName: string, lastName: string, index: number): string {
  const letters = `${firstName}.${lastName}`
    .normalize('NFKD')
    .replace(/[^A-Za-z.-]/g, '')
    .toLowerCase();
  return `${letters}.${index + 1}@customers.example`;
}

function individualRow(
  id: string,
  firstName: string,
  lastName: string,
  refuses: boolean,
  random: Random,
  made: Record<string, string>,
): Row {
  const draw = random.next();
  return {
    Id: id,
    FirstName: firstName,
    LastName: lastName,
    HasOptedOutSolicit: refuses && draw < 0.6,
    HasOptedOutProcessing: refuses && draw >= 0.6 && draw < 0.85,
    ShouldForget: refuses && draw >= 0.85,
    ...made,
    OwnerId: made.CreatedById ?? null,
  };
}
