import { toRow } from 'c/oneshotCustomerColumns';
import OneshotCustomerTiles from 'c/oneshotCustomerTiles';
import { account, fetchedAt } from '../../../../../test/accounts';
import { all, find, hear, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test('a tile has name, amount and one line; hidden values leave no gaps', async () => {
  const rows = [
    toRow(account(1, { arrConverted: 1_100_000, convertedCurrency: 'USD' }), '/r/1', Date.parse(fetchedAt)),
    toRow(account(2, { name: null, industry: null, owner: null, arr: null, products: null }), '/r/2', 0),
  ];
  const element = await mount('c-oneshot-customer-tiles', OneshotCustomerTiles, { rows, hasMore: true });
  expect(all(element, '.line').map((line) => line.textContent)).toEqual(['Energy · Germany · Rita Rep', 'Germany']);
  expect(find(element, '.arr').title).toBe('$1,100,000 converted');
  expect(all<HTMLElement & { label: string }>(element, '.name').map((name) => name.label)).toEqual([
    'Customer 0001',
    '(name hidden)',
  ]);
  const [more, action] = [hear(element, 'loadmore'), hear(element, 'rowaction')];
  find(element, '.more lightning-button').click();
  expect(more).toHaveBeenCalledTimes(1);
  find(element, 'lightning-button-menu').dispatchEvent(new CustomEvent('select', { detail: { value: 'open' } }));
  expect(action).toHaveBeenCalledWith({ action: 'open', id: rows[0]?.id });
  await expect(element).toBeAccessible();
});
