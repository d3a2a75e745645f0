import { accountId, contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const route = `GET /v1/accounts/${accountId}/contacts`;

let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
});
afterEach(() => tab.close());

test('goes on after the cursor, and says that there are more', async () => {
  tab.backend.on(route, ({ query }) =>
    query.get('cursor') === 'next'
      ? { body: { rows: [contact(2)], nextCursor: null } }
      : { body: { rows: [contact(0), contact(1)], nextCursor: 'next' } },
  );
  const element = await tab.show('c/oneshotAccountContacts', { accountId });
  expect(wordsOf(element)).toContain('Contacts (2+)');
  await press(element, 'Show more');
  expect(all(element, '.row')).toHaveLength(3);
  expect(wordsOf(element)).toContain('Contacts (3)');
  await tab.expectAccessible(element);
});

test('an account without contacts says so', async () => {
  tab.backend.on(route, { body: { rows: [], nextCursor: null } });
  const element = await tab.show('c/oneshotAccountContacts', { accountId });
  expect(wordsOf(element)).toContain('Salesforce shows you no contacts here.');
});

test('a hidden name is not an empty row', async () => {
  tab.backend.on(route, { body: { rows: [contact(0, { name: null, title: null })], nextCursor: null } });
  const element = await tab.show('c/oneshotAccountContacts', { accountId });
  expect(find<HTMLElement & { label: string }>(element, 'lightning-formatted-url').label).toBe('(name hidden)');
});

test('a problem has a button that reads again', async () => {
  tab.backend.on(route, {
    status: 503,
    body: { error: { code: 'crm_limit', message: 'x' } },
    headers: { 'retry-after': '60' },
  });
  const element = await tab.show('c/oneshotAccountContacts', { accountId });
  expect(wordsOf(element)).toContain('used up its Salesforce API calls');
  tab.backend.on(route, { body: { rows: [contact(0)], nextCursor: null } });
  find(element, 'c-oneshot-problem').dispatchEvent(new CustomEvent('retry'));
  await settle();
  expect(all(element, '.row')).toHaveLength(1);
});
