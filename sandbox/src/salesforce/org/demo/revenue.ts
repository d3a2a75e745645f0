import { recordId } from '../ids.ts';
import { hash, Random } from '../random.ts';
import { PRODUCTS, STAGES } from '../objects/picklists.ts';
import { datetimeText, type Row } from '../schema.ts';
import { accountFacts, type AccountFacts } from './accounts.ts';
import { ADMIN_ID, stamps } from './people.ts';

const SEED = 0x0053;
const DAY = 86_400_000;

/** What the org sells, and what it costs. */
export function productRows(today: number): { products: Row[]; entries: Row[] } {
  const made = stamps(today - 2_600 * DAY, ADMIN_ID);
  const products = PRODUCTS.map((name, index) => ({
    Id: recordId('01t', index + 1),
    Name: name,
    ProductCode: `P-${String(index + 1).padStart(3, '0')}`,
    Family: index % 3 === 0 ? 'Platform' : index % 3 === 1 ? 'Service' : 'Data',
    IsActive: true,
    CurrencyIsoCode: 'USD',
    ...made,
  }));
  const entries = products.map((product, index) => ({
    Id: recordId('01u', index + 1),
    Name: product.Name,
    Product2Id: product.Id,
    UnitPrice: 500 + index * 250,
    IsActive: true,
    CurrencyIsoCode: 'USD',
    ...made,
  }));
  return { products, entries };
}

interface Revenue {
  readonly opportunities: Row[];
  readonly lines: Row[];
  readonly assets: Row[];
}

/**
 * Opportunities with their lines, and assets, of the first `accounts` accounts: up to two opportunities for each.
 * @param today epoch milliseconds at the start of the day on which the org was made
 */
export function revenueRows(accounts: number, today: number): Revenue {
  const revenue: Revenue = { opportunities: [], lines: [], assets: [] };
  for (let index = 0; index < accounts; index++) {
    const account = accountFacts(index);
    const random = new Random(hash(String(index), SEED));
    for (let left = random.int(0, 2); left > 0; left--) addOpportunity(revenue, account, random, today);
    if (random.chance(0.3)) addAsset(revenue, account, random, today);
  }
  return revenue;
}

function addOpportunity({ opportunities, lines }: Revenue, account: AccountFacts, random: Random, today: number): void {
  const id = recordId('006', opportunities.length + 1);
  const made = stamps(today - random.int(10, 700) * DAY, account.ownerId);
  const stage = random.chance(0.4) ? 'Closed Won' : random.pick(STAGES);
  const closed = stage.startsWith('Closed');
  const closeDay = closed ? today - random.int(1, 400) * DAY : today + random.int(1, 200) * DAY;
  const first = random.int(0, PRODUCTS.length - 1);
  let amount = 0;
  const names: string[] = [];
  for (let left = random.int(1, 3); left > 0; left--) {
    const product = (first + left) % PRODUCTS.length;
    const quantity = random.int(1, 40);
    const price = 500 + product * 250;
    amount += quantity * price;
    names.push(PRODUCTS[product] ?? '');
    lines.push({
      Id: recordId('00k', lines.length + 1),
      OpportunityId: id,
      Product2Id: recordId('01t', product + 1),
      PricebookEntryId: recordId('01u', product + 1),
      Name: PRODUCTS[product] ?? null,
      Quantity: quantity,
      UnitPrice: price,
      TotalPrice: quantity * price,
      CurrencyIsoCode: account.place.currency,
      ...made,
    });
  }
  opportunities.push({
    Id: id,
    AccountId: account.id,
    OwnerId: account.ownerId,
    Name: `${names[0] ?? 'Renewal'} ${closed ? 'contract' : 'renewal'} ${new Date(closeDay).getUTCFullYear()}`,
    StageName: stage,
    Amount: random.chance(0.93) ? amount : null,
    CloseDate: datetimeText(closeDay).slice(0, 10),
    Probability: stage === 'Closed Won' ? 100 : stage === 'Closed Lost' ? 0 : random.int(1, 9) * 10,
    Type: random.chance(0.5) ? 'New Business' : 'Existing Business',
    CurrencyIsoCode: account.place.currency,
    ...made,
  });
}

function addAsset({ assets }: Revenue, account: AccountFacts, random: Random, today: number): void {
  const product = random.int(0, PRODUCTS.length - 1);
  assets.push({
    Id: recordId('02i', assets.length + 1),
    AccountId: account.id,
    OwnerId: account.ownerId,
    Product2Id: recordId('01t', product + 1),
    Name: PRODUCTS[product] ?? 'Asset',
    Status: random.chance(0.85) ? 'Installed' : 'Obsolete',
    Quantity: random.int(1, 10),
    Price: 500 + product * 250,
    PurchaseDate: datetimeText(today - random.int(30, 900) * DAY).slice(0, 10),
    CurrencyIsoCode: account.place.currency,
    ...stamps(today - random.int(30, 900) * DAY, account.ownerId),
  });
}
