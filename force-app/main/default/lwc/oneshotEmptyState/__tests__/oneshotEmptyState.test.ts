import { graphql } from 'lightning/graphql';
import OneshotEmptyState from 'c/oneshotEmptyState';
import { settle } from '../../../../../test/backend';
import { hear, find, mount } from '../../../../../test/mount';

const emit = (graphql as unknown as { emit: (data: unknown) => void }).emit.bind(graphql);
const accounts = (edges: unknown[]): object => ({ uiapi: { query: { accounts: { edges } } } });

afterEach(() => document.body.replaceChildren());

test.each([
  ['sees accounts', accounts([{ node: { Id: 'x' } }]), 'None of the accounts you can see is a paying customer yet.'],
  ['sees no account', accounts([]), 'Salesforce shows you no accounts. Ask your admin to share'],
  ['cannot be asked', undefined, 'None of the accounts you can see'],
])('a rep who %s', async (_name, data, words) => {
  const element = await mount('c-oneshot-empty-state', OneshotEmptyState);
  emit(data);
  await settle();
  expect(element.shadowRoot?.textContent).toContain(words);
  await expect(element).toBeAccessible();
});

test('where nothing matches there is Clear', async () => {
  const element = await mount('c-oneshot-empty-state', OneshotEmptyState, { isFiltered: true });
  const clear = hear(element, 'clear');
  find(element, 'lightning-button').click();
  expect(clear).toHaveBeenCalledTimes(1);
  expect(element.shadowRoot?.textContent).toContain('No customer matches');
});
