import { expect, test } from '@jest/globals';
import { account, accountId } from '../../../test/account-source.ts';
import { connectionOf, pulledList } from '../../../test/paying-list.ts';
import type { AccountRow } from '../account.ts';
import { PullEnded } from '../list-pull.ts';
import { overlap, sizeLikeness, WEIGHTS, withGroup } from '../similar/weights.ts';
import type { AccountList } from './account-list.ts';
import { ErasableMemory } from './memory.ts';
import { RowStore } from './row-store.ts';
import { bestMatches, type Likeness } from './similar-rows.ts';

const INDUSTRIES = ['Energy', 'Media', 'Banking', null];
const COUNTRIES = ['Germany', 'France', null];
const PRODUCTS = ['Guard', 'Guard;Ledger', 'Ledger', 'Assist;Guard;Ledger', null];

const some = <T>(values: readonly T[], number: number, step: number): T | undefined =>
  values[Math.floor(number / step) % values.length];

function accounts(count: number): ReturnType<typeof account>[] {
  return Array.from({ length: count }, (_, number) =>
    account(number, {
      Name: number % 97 === 0 ? `Ácme ${number}` : `Company ${number}`,
      ActiveARR__c: ((number * 7919) % 100_000) + 1,
      Industry: some(INDUSTRIES, number, 3),
      BillingCountry: some(COUNTRIES, number, 5),
      Products__c: some(PRODUCTS, number, 7),
    }),
  );
}

async function listOf(count: number): Promise<AccountList> {
  return (await pulledList(new RowStore(new ErasableMemory()), connectionOf(accounts(count)))).list;
}

const RELATIVES = [accountId(3), accountId(4_000)];

const wanted: Likeness = {
  id: accountId(12),
  ...{
    industry: 'Media',
    country: 'France',
    products: ['Guard', 'Ledger'],
    pays: 5_000,
    groupNames: ['acme'],
    relatives: RELATIVES,
  },
};

/** The same by hand. */
function scoreOf(row: AccountRow): number {
  let score = 0;
  if (row.industry === wanted.industry) score += WEIGHTS.industry;
  if (row.country === wanted.country) score += WEIGHTS.country;
  const shared = row.products.filter((product) => wanted.products.includes(product)).length;
  score += WEIGHTS.products * overlap(shared, row.products.length, wanted.products.length);
  score += WEIGHTS.size * sizeLikeness(wanted.pays ?? 0, row.arr ?? 0);
  return row.name?.startsWith('Ácme') === true || RELATIVES.includes(row.id) ? withGroup(score) : score;
}

test('the best rows are those that a comparison by hand finds, over more than one segment', async () => {
  const list = await listOf(5_000);
  const rows: AccountRow[] = [];
  list.rows.forEach((slot) => rows.push(list.row(slot)));
  expect(rows).toHaveLength(5_000);
  const byHand = rows
    .filter(({ id }) => id !== wanted.id)
    .map((row) => ({ row, score: scoreOf(row) }))
    .sort((a, b) => b.score - a.score || (b.row.arr ?? 0) - (a.row.arr ?? 0))
    .slice(0, 50);
  const best = await bestMatches(list, wanted, 50);
  expect(best.map(({ score }) => Number(score.toFixed(9)))).toEqual(
    byHand.map(({ score }) => Number(score.toFixed(9))),
  );
  expect(best.map(({ slot }) => list.row(slot).arr)).toEqual(byHand.map(({ row }) => row.arr));
});

test('the account itself is not among them, and nothing is found for what shares nothing', async () => {
  const list = await listOf(200);
  const all = await bestMatches(list, wanted, 1_000);
  expect(all.map(({ slot }) => list.row(slot).id)).not.toContain(wanted.id);
  const stranger = {
    id: 'x',
    industry: 'Nothing',
    country: null,
    products: [],
    pays: null,
    groupNames: [],
    relatives: [],
  };
  expect(await bestMatches(list, stranger, 10)).toEqual([]);
});

test('a list that is erased in between ends the search', async () => {
  const list = await listOf(60_000);
  const search = bestMatches(
    list,
    { ...wanted, groupNames: Array.from({ length: 400 }, (_, n) => `company ${n}x`) },
    10,
  );
  list.erase();
  await expect(search).rejects.toBeInstanceOf(PullEnded);
});
