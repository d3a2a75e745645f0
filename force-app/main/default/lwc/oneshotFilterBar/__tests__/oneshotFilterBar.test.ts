import OneshotFilterBar from 'c/oneshotFilterBar';
import FiltersModal from 'c/oneshotFiltersModal';
import { facets } from '../../../../../test/accounts';
import { settle } from '../../../../../test/backend';
import { all, find, hear, mount } from '../../../../../test/mount';

const filters = { industry: [], country: [], product: [], owner: [] };
const open = (properties: object = {}): Promise<HTMLElement> =>
  mount('c-oneshot-filter-bar', OneshotFilterBar, { facets, filters, ...properties });

function type(element: HTMLElement, value: string): void {
  find(element, 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { value } }));
}
function press(element: HTMLElement, key: string, value = ''): boolean {
  const input = find<HTMLInputElement>(element, 'lightning-input');
  input.value = value;
  return input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

afterEach(() => {
  jest.useRealTimers();
  document.body.replaceChildren();
});

test.each([true, false])(
  'a page without filters has none; those of a link can be taken away; narrow: %p',
  async (isNarrow) => {
    const chosen = { ...filters, industry: ['Energy'] };
    const element = await open({ hideFilters: true, isNarrow, filters: chosen });
    expect(all(element, 'c-oneshot-facet-filter')).toHaveLength(0);
    expect(all(element, '[aria-haspopup=dialog]')).toHaveLength(0);
    const filter = hear(element, 'filter');
    find(element, 'lightning-pill').dispatchEvent(new CustomEvent('remove', { cancelable: true }));
    expect(filter.mock.calls).toEqual([[{ facet: 'industry', values: [] }]]);
  },
);

test('searches once, 250 ms after the last letter', async () => {
  jest.useFakeTimers();
  const element = await open();
  const search = hear(element, 'search');
  type(element, 'b');
  jest.advanceTimersByTime(200);
  type(element, 'bo');
  jest.advanceTimersByTime(249);
  expect(search).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(search.mock.calls).toEqual([[{ text: 'bo' }]]);
});

test('Enter searches at once, and not a second time', async () => {
  jest.useFakeTimers();
  const element = await open();
  const search = hear(element, 'search');
  type(element, 'bonn');
  press(element, 'Enter', 'bonn');
  jest.advanceTimersByTime(1_000);
  expect(search.mock.calls).toEqual([[{ text: 'bonn' }]]);
});

test('with the cache off only Enter searches', async () => {
  jest.useFakeTimers();
  const element = await open({ isSearchOnEnter: true });
  const search = hear(element, 'search');
  type(element, 'bonn');
  jest.advanceTimersByTime(5_000);
  expect(search).not.toHaveBeenCalled();
  press(element, 'Enter', 'bonn');
  expect(search).toHaveBeenCalledWith({ text: 'bonn' });
});

test('Esc discards nothing, and "/" is a letter here', async () => {
  const element = await open();
  const outside = jest.fn();
  document.body.addEventListener('keydown', outside);
  expect(press(element, 'Escape', 'bonn')).toBe(false);
  outside.mockClear();
  expect(press(element, '/')).toBe(true);
  expect(outside).not.toHaveBeenCalled();
  document.body.removeEventListener('keydown', outside);
});

test('has a menu for each facet with values, and none for a field that is hidden', async () => {
  const element = await open({ facets: { ...facets, industry: [] } });
  const menus = all<HTMLElement & { label: string }>(element, 'c-oneshot-facet-filter');
  expect(menus.map((menu) => menu.label)).toEqual(['Country', 'Product', 'Owner']);
});

test('shows a pill for each chosen value, by its label, and takes it away', async () => {
  const element = await open({ filters: { ...filters, owner: ['005000000000001AAA'], industry: ['Energy', 'Gone'] } });
  const pills = all<HTMLElement & { label: string }>(element, 'lightning-pill');
  expect(pills.map((pill) => pill.label)).toEqual(['Industry: Energy', 'Industry: Gone', 'Owner: Rita Rep']);
  const filter = hear(element, 'filter');
  pills[1]?.dispatchEvent(new CustomEvent('remove', { cancelable: true }));
  expect(filter).toHaveBeenCalledWith({ facet: 'industry', values: ['Energy'] });
  const clear = hear(element, 'clear');
  find(element, '.clear').click();
  expect(clear).toHaveBeenCalledTimes(1);
  await expect(element).toBeAccessible();
});

test('in a narrow place the filters are one button and a dialog that filters at each change', async () => {
  const element = await open({ isNarrow: true, filters: { ...filters, country: ['Germany'] } });
  const button = find<HTMLElement & { label: string }>(element, 'lightning-button');
  expect(button.label).toBe('Filters (1)');
  expect(all(element, 'c-oneshot-facet-filter')).toHaveLength(0);
  const filter = hear(element, 'filter');
  button.click();
  await settle();
  const [options] = (FiltersModal.open as jest.Mock).mock.lastCall as [
    { onfilter: (event: CustomEvent) => void; facets: { name: string }[] },
  ];
  expect(options.facets.map((facet) => facet.name)).toEqual(['industry', 'country', 'product', 'owner']);
  options.onfilter(new CustomEvent('filter', { detail: { facet: 'owner', values: ['x'] } }));
  expect(filter).toHaveBeenCalledWith({ facet: 'owner', values: ['x'] });
});
