import OneshotFacetValues from 'c/oneshotFacetValues';
import { settle } from '../../../../../test/backend';
import { all, find, hear, mount } from '../../../../../test/mount';

const options = [
  { value: 'E', label: 'Energy', count: 1_200 },
  { value: 'B', label: 'Banking', count: 3 },
];
const many = Array.from({ length: 12 }, (_, n) => ({ value: String(n), label: `Owner ${String(n)}`, count: n }));
const open = (properties: object = {}): Promise<HTMLElement> =>
  mount('c-oneshot-facet-values', OneshotFacetValues, { label: 'Industry', options, ...properties });
const words = (element: HTMLElement): string[] => all(element, '.words').map((word) => word.textContent ?? '');

afterEach(() => document.body.replaceChildren());

test('shows values with counts, and ticks those chosen', async () => {
  const element = await open({ values: ['B'] });
  expect(words(element)).toEqual(['Energy (1,200)', 'Banking (3)']);
  expect(all<HTMLInputElement>(element, 'input').map((box) => box.checked)).toEqual([false, true]);
  await expect(element).toBeAccessible();
});

test('tells every value that is chosen, inside the click', async () => {
  const element = await open({ values: ['B'] });
  const change = hear(element, 'change');
  const [energy, banking] = all<HTMLInputElement>(element, 'input');
  energy?.click();
  expect(change).toHaveBeenLastCalledWith({ values: ['B', 'E'] });
  banking?.click();
  expect(change).toHaveBeenLastCalledWith({ values: [] });
});

test('pressing the mouse on the words keeps the focus where it is', async () => {
  const element = await open();
  const press = (target: Element | undefined): boolean =>
    target?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true })) ?? false;
  expect(press(all(element, '.words')[0])).toBe(false);
  expect(press(all(element, 'input')[0])).toBe(true);
});

test('a long list has a search of its own, in which "/" is a letter', async () => {
  const element = await open({ options: many });
  const search = find<HTMLInputElement>(element, 'input[type="text"]');
  const outside = jest.fn();
  element.addEventListener('keydown', outside);
  search.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, composed: true }));
  expect(outside).not.toHaveBeenCalled();
  search.value = 'OWNER 11';
  search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settle();
  expect(words(element)).toEqual(['Owner 11 (11)']);
  search.value = 'nobody';
  search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settle();
  expect(element.shadowRoot?.textContent).toContain('Nothing found.');
});
