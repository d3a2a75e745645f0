import { accountId } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
});
afterEach(() => tab.close());

test('offers similar customers and gives a sentence that names the chosen ones', async () => {
  const element = await tab.show('c/oneshotReferencePicker', { accountId });
  const group = find<HTMLElement & { options: { value: string; label: string }[] }>(
    element,
    'lightning-checkbox-group',
  );
  expect(group.options[0]?.label).toBe('Customer 0000 · same industry: Energy');
  const value = [group.options[0]?.value, group.options[2]?.value];
  group.dispatchEvent(new CustomEvent('change', { detail: { value } }));
  await settle();
  const choose = hear(element, 'choose');
  await press(element, 'Insert');
  expect(choose).toHaveBeenCalledWith({ sentence: 'Our customers include Customer 0000 and Customer 0002.' });
  expect(wordsOf(element)).toContain('Check that they agreed to be named.');
  await tab.expectAccessible(element);
});

test('no match is told', async () => {
  tab.backend.on(`GET /v1/accounts/${accountId}/similar`, { body: { rows: [], freshness: {} } });
  expect(wordsOf(await tab.show('c/oneshotReferencePicker', { accountId }))).toContain('No customer is a close match.');
});
