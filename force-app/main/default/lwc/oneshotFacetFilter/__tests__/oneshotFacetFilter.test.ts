import OneshotFacetFilter from 'c/oneshotFacetFilter';
import { facets } from '../../../../../test/accounts';
import { settle } from '../../../../../test/backend';
import { find, hear, mount } from '../../../../../test/mount';

async function open(properties: object = {}): Promise<HTMLElement> {
  const element = await mount('c-oneshot-facet-filter', OneshotFacetFilter, {
    label: 'Industry',
    options: facets.industry,
    ...properties,
  });
  find(element, 'button').click();
  await settle();
  return element;
}
const menu = (element: HTMLElement): Element | null =>
  element.shadowRoot?.querySelector('c-oneshot-facet-values') ?? null;

afterEach(() => document.body.replaceChildren());

test('says how many are chosen, and opens and closes at a click', async () => {
  const element = await open({ values: ['Banking'] });
  const button = find(element, 'button');
  expect(button.textContent).toContain('Industry (1)');
  expect(button.getAttribute('aria-expanded')).toBe('true');
  await expect(element).toBeAccessible();
  button.click();
  await settle();
  expect(menu(element)).toBeNull();
});

test('passes on what is chosen, inside the click, and stays open', async () => {
  const element = await open();
  const change = hear(element, 'change');
  menu(element)?.dispatchEvent(new CustomEvent('change', { detail: { values: ['Energy'] } }));
  expect(change.mock.calls).toEqual([[{ values: ['Energy'] }]]);
  expect(menu(element)).not.toBeNull();
});

test('Esc closes, gives the focus back and undoes nothing', async () => {
  const element = await open();
  const change = hear(element, 'change');
  menu(element)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  await settle();
  expect(menu(element)).toBeNull();
  expect(element.shadowRoot?.activeElement).toBe(find(element, 'button'));
  expect(change).not.toHaveBeenCalled();
});

test('closes when the focus goes elsewhere, and not while it stays inside', async () => {
  const element = await open();
  const button = find(element, 'button');
  const leave = (relatedTarget: Element | null): boolean =>
    button.dispatchEvent(new FocusEvent('focusout', { bubbles: true, relatedTarget }));
  leave(menu(element));
  await settle();
  expect(menu(element)).not.toBeNull();
  leave(document.body);
  await settle();
  expect(menu(element)).toBeNull();
});

test('says that counts are so far while customers arrive', async () => {
  const element = await open({ isSoFar: true });
  expect(element.shadowRoot?.textContent).toContain('Counts so far; customers are still arriving.');
});
