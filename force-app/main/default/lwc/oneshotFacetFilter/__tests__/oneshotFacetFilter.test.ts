import OneshotFacetFilter from 'c/oneshotFacetFilter';
import { settle } from '../../../../../test/backend';
import { all, find, hear, mount } from '../../../../../test/mount';

const options = [
  { value: 'E', label: 'Energy', count: 1_200 },
  { value: 'B', label: 'Banking', count: 3 },
];
const many = Array.from({ length: 12 }, (_, n) => ({ value: String(n), label: `Owner ${String(n)}`, count: n }));

async function open(properties: object = {}): Promise<HTMLElement> {
  const element = await mount('c-oneshot-facet-filter', OneshotFacetFilter, {
    label: 'Industry',
    options,
    ...properties,
  });
  find(element, 'button').click();
  await settle();
  return element;
}
const words = (element: HTMLElement): string[] => all(element, '.words').map((word) => word.textContent ?? '');

afterEach(() => document.body.replaceChildren());

test('shows values with counts, and ticks those chosen', async () => {
  const element = await open({ values: ['B'] });
  expect(find(element, 'button').textContent).toContain('Industry (1)');
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

test('Esc closes, gives the focus back and undoes nothing', async () => {
  const element = await open();
  const change = hear(element, 'change');
  const button = find(element, 'button');
  expect(button.getAttribute('aria-expanded')).toBe('true');
  find(element, 'input').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  await settle();
  expect(button.getAttribute('aria-expanded')).toBe('false');
  expect(element.shadowRoot?.activeElement).toBe(button);
  expect(change).not.toHaveBeenCalled();
});

test('closes when the focus goes elsewhere, and not while it stays inside', async () => {
  const element = await open();
  const [energy, banking] = all(element, 'input');
  energy?.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: banking ?? null }));
  await settle();
  expect(words(element)).toHaveLength(2);
  energy?.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget: document.body }));
  await settle();
  expect(words(element)).toHaveLength(0);
});

test('pressing the mouse on the words keeps the focus, and so the menu', async () => {
  const element = await open();
  const press = (target: Element | undefined): boolean =>
    target?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true })) ?? false;
  expect(press(all(element, '.words')[0])).toBe(false);
  expect(press(all(element, 'input')[0])).toBe(true);
});

test('a long list has a search of its own', async () => {
  const element = await open({ options: many });
  const search = find<HTMLInputElement>(element, 'input[type="text"]');
  search.value = 'OWNER 11';
  search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settle();
  expect(words(element)).toEqual(['Owner 11 (11)']);
  search.value = 'nobody';
  search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settle();
  expect(element.shadowRoot?.textContent).toContain('Nothing found.');
});

test('says that counts are so far while customers arrive', async () => {
  const element = await open({ isSoFar: true });
  expect(element.shadowRoot?.textContent).toContain('Counts so far; customers are still arriving.');
});
