import type { AccountPage } from 'c/oneshotApi';
import { page } from '../../../../../test/accounts';
import { Bench } from '../../../../../test/workspace';

const table = 'c-oneshot-customer-table';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const limits = (): (string | null)[] => bench.backend.of('GET /v1/accounts').map(({ query }) => query.get('limit'));
const propertiesOf = (selector: string): Record<string, unknown> => bench.child<Record<string, unknown>>(selector);

test('without attributes a page is as it always was', async () => {
  await bench.open();
  await bench.signIn();
  expect(limits()).toEqual(['50']);
  expect(propertiesOf(table)).toMatchObject({
    hiddenNames: ['city', 'website'],
    hideWriting: false,
    hideReferences: false,
  });
  expect(propertiesOf('c-oneshot-filter-bar').hideFilters).toBe(false);
  expect(bench.find('.page')).toBeNull();
});

test.each([
  [25, '25'],
  ['25', '25'],
  [1, '10'],
  [1e9, '200'],
  ['lots', '50'],
])('rows a load of %p: %s, at first and at the end of the list', async (pageSize, limit) => {
  await bench.open({ pageSize });
  await bench.signIn();
  if (Number(limit) < 120) await bench.fire(table, 'loadmore');
  expect(limits()).toEqual(Number(limit) < 120 ? [limit, limit] : [limit]);
  expect(bench.rows()).toHaveLength(Math.min(120, 2 * Number(limit)));
});

test('the columns of the page hold until the rep chooses, and their choice outlives the page', async () => {
  await bench.open({ columns: 'owner, city' });
  await bench.signIn();
  expect(propertiesOf(table).hiddenNames).toEqual(['arr', 'industry', 'country', 'products', 'changed', 'website']);
  await bench.fire('c-oneshot-column-chooser', 'choose', { hidden: ['city'] });
  expect(propertiesOf(table).hiddenNames).toEqual(['city']);
});

test('columns that are not there are told in words, and the others stand', async () => {
  await bench.open({ columns: 'arr, turnover' });
  expect(bench.text('.page')).toBe(
    'This page asks for columns that are not there: turnover. An admin can correct it in App Builder; there are arr, industry, country, products, owner, changed, city, website.',
  );
  await bench.signIn();
  expect(propertiesOf(table).hiddenNames).not.toContain('arr');
  await bench.expectAccessible();
});

test('sections that the page does without', async () => {
  await bench.open({ hideFilters: true, hideWriting: 'true', hideReferences: true });
  await bench.signIn();
  expect(propertiesOf('c-oneshot-filter-bar').hideFilters).toBe(true);
  expect(propertiesOf(table)).toMatchObject({ hideWriting: true, hideReferences: true });
  await bench.fire(table, 'select', { ids: [bench.rows()[0]?.id] });
  expect(bench.words()).not.toContain('Choose contacts');
  expect(bench.words()).not.toContain('Copy as references');
});

test('"false" as metadata writes it is off', async () => {
  await bench.open({ hideFilters: 'false', hideWriting: 'false', hideReferences: '' });
  await bench.signIn();
  await bench.fire(table, 'select', { ids: [bench.rows()[0]?.id] });
  expect(bench.words()).toContain('Choose contacts');
  expect(bench.words()).toContain('Copy as references');
});

test('while the first pull runs no more than the page’s rows are asked for', async () => {
  await bench.open({ pageSize: 10 });
  const running = (offset: number, limit: number): AccountPage => {
    const part = page(offset, limit, 4);
    return { ...part, freshness: { ...part.freshness, complete: false, fetched: 4, total: 120 } };
  };
  bench.backend.on('GET /v1/accounts', ({ query }) => ({
    body: running(Number(query.get('offset')), Number(query.get('limit'))),
  }));
  await bench.signIn();
  await bench.pass(500);
  expect(limits()).toEqual(['10', '6']);
});
