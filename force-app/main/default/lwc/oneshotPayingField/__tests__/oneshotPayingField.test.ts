import OneshotPayingField from 'c/oneshotPayingField';
import { find, hear, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

interface Radio extends HTMLElement {
  options: { label: string; value: string }[];
}

const fields = Array.from({ length: 20 }, (_, n) => ({ name: `F${n}__c`, label: `Number ${n}`, type: 'double' }));

test('fields are found by label and name; what is chosen stays in sight', async () => {
  const element = await mount('c-oneshot-paying-field', OneshotPayingField, { fields, value: 'F19__c' });
  const options = (): string[] => find<Radio>(element, 'lightning-radio-group').options.map(({ value }) => value);
  expect(options()).toHaveLength(8);
  expect(options()[0]).toBe('F19__c');
  find(element, 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { value: 'number 12' } }));
  await Promise.resolve();
  expect(options()).toEqual(['F19__c', 'F12__c']);
  const chosen = hear(element, 'choose');
  find(element, 'lightning-radio-group').dispatchEvent(new CustomEvent('change', { detail: { value: 'F12__c' } }));
  expect(chosen).toHaveBeenCalledWith({ name: 'F12__c' });
  await expect(element).toBeAccessible();
});

test.each([
  ['currency', 'currency'],
  ['percent', 'percent'],
  ['double', 'number'],
  ['int', 'number'],
])('a field of the type %s is called a %s, as in Setup', async (type, words) => {
  const one = [{ name: 'ARR__c', label: 'ARR', type }];
  const element = await mount('c-oneshot-paying-field', OneshotPayingField, { fields: one, value: '' });
  expect(find<Radio>(element, 'lightning-radio-group').options[0]?.label).toBe(`ARR (ARR__c) · ${words}`);
});

test('an org without such a field gets a formula to copy', async () => {
  const element = await mount('c-oneshot-paying-field', OneshotPayingField, { fields: [], value: 'X__c' });
  expect(find(element, '.empty').textContent).toMatch(/no number, currency or percent field/);
  expect(find<HTMLDetailsElement>(element, 'details').open).toBe(true);
  expect(find<HTMLElement & { value: string }>(element, 'lightning-textarea').value).toMatch(/^CASE\(Type, /);
});
