import { Random } from '../random.ts';
import type { Row } from '../schema.ts';
import { ADMIN_ID, stamps } from './people.ts';
import { FIRST_NAMES, LAST_NAMES } from './words.ts';

const COUNT = 40;
const SEED = 0x0054;

/** Person accounts: customers who are people, each one record that is account and contact at once. */
export function personAccountRows(
  now: number,
  nextAccountId: () => string,
  nextContactId: () => string,
): { account: Row; contact: Row }[] {
  const random = new Random(SEED);
  const made = stamps(now, ADMIN_ID);
  return Array.from({ length: COUNT }, (_unused, index) => {
    const FirstName = random.pick(FIRST_NAMES);
    const LastName = random.pick(LAST_NAMES);
    const accountId = nextAccountId();
    const contactId = nextContactId();
    const email = `person.${index + 1}@customers.example`;
    const optedOut = random.chance(0.2);
    const common = { FirstName, LastName, OwnerId: ADMIN_ID, IsPersonAccount: true, CurrencyIsoCode: 'USD', ...made };
    return {
      account: {
        Id: accountId,
        Name: `${FirstName} ${LastName}`,
        PersonContactId: contactId,
        PersonEmail: email,
        PersonHasOptedOutOfEmail: optedOut,
        BillingCountry: 'United States',
        ActiveARR__c: random.chance(0.6) ? random.int(100, 5_000) : null,
        ...common,
      },
      contact: { Id: contactId, AccountId: accountId, Email: email, HasOptedOutOfEmail: optedOut, ...common },
    };
  });
}
