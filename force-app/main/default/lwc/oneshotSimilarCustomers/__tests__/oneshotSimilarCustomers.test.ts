import { accountId, contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');
const similarRoute = `GET /v1/accounts/${accountId}/similar`;

let tab: Tab;
let element: HTMLElement;
let copied: string[];

const sentence = (): string => find<HTMLElement & { value: string }>(element, '.sentence lightning-textarea').value;

async function act(row: number, value: string): Promise<void> {
  all(element, 'lightning-button-menu')[row]?.dispatchEvent(new CustomEvent('select', { detail: { value } }));
  await settle();
}

beforeEach(async () => {
  copied = [];
  Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
    configurable: true,
  });
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  element = await tab.show('c/oneshotSimilarCustomers', { accountId });
});
afterEach(() => tab.close());

test('shows five with the reasons, and five more at a time', async () => {
  expect(all(element, '.row')).toHaveLength(5);
  expect(wordsOf(element)).toContain('same industry: Energy · both use Product A, Product B and 2 more');
  await press(element, 'Show more');
  expect(all(element, '.row')).toHaveLength(10);
  expect(tab.backend.of(similarRoute).map(({ query }) => query.get('limit'))).toEqual(['5', '10']);
});

test('a name is a real link', () => {
  expect(find<HTMLElement & { value: string; label: string }>(element, 'lightning-formatted-url')).toMatchObject({
    value: 'https://www.example.com',
    label: 'Customer 0000',
  });
});

test('the sentence names three, never an amount, and reminds to check that they agreed', () => {
  expect(sentence()).toBe('Our customers include Customer 0000, Customer 0001, and Customer 0002.');
  expect(sentence()).not.toMatch(/€|000,000/);
  expect(wordsOf(element)).toContain('Check that they agreed to be named.');
});

test('the row menu takes a customer into the sentence and out of it', async () => {
  await act(0, 'sentence');
  await act(4, 'sentence');
  expect(sentence()).toBe('Our customers include Customer 0001, Customer 0002, and Customer 0004.');
});

test('what the rep wrote is copied, and Show more leaves it alone', async () => {
  find(element, '.sentence lightning-textarea').dispatchEvent(new CustomEvent('change', { detail: { value: 'Mine' } }));
  await settle();
  await press(element, 'Show more');
  await press(element, 'Copy sentence');
  expect(copied).toEqual(['Mine']);
});

test('a row copies a sentence of its own', async () => {
  await press(element, 'Copy');
  expect(copied).toEqual(['Customer 0000 is one of our customers.']);
});

test('where the browser refuses to copy, the text is shown', async () => {
  Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
  await press(element, 'Copy');
  expect(wordsOf(element)).toContain('Your browser did not allow copying.');
});

test('Insert is there only while a draft is open, and writes into it', async () => {
  expect(wordsOf(element)).not.toContain('Insert sentence');
  const drafts = tab.load<Drafts>('c/oneshotDrafts');
  drafts.openDraft({ contactId: contact(0).id, accountId, name: 'Ana' });
  await settle();
  await press(element, 'Insert sentence');
  expect(drafts.draftOf(contact(0).id)?.html).toBe(
    '<p>Our customers include Customer 0000, Customer 0001, and Customer 0002.</p>',
  );
});

test('a session that ends keeps the rows, and the next click signs in and does what was clicked', async () => {
  const ask = hear(element, 'ask');
  await tab.pass(60 * 60_000);
  expect(all(element, '.row')).toHaveLength(5);
  await press(element, 'Show more');
  expect(ask).toHaveBeenCalledTimes(1);
  expect(tab.opened).toHaveLength(2);
  await tab.arrive();
  expect(all(element, '.row')).toHaveLength(10);
});

test('Salesforce ends the session: one button signs in and shows them', async () => {
  tab.backend.on(similarRoute, { status: 401, body: { error: { code: 'crm_session_expired', message: 'x' } } });
  await press(element, 'Show more');
  const problem = find<HTMLElement & { actionLabel: string }>(element, 'c-oneshot-problem');
  expect(problem.actionLabel).toBe('Sign in and show customers');
  problem.dispatchEvent(new CustomEvent('retry'));
  expect(tab.opened).toHaveLength(2);
});

test('is accessible', async () => {
  expect(all(element, '.row')).toHaveLength(5);
  await tab.expectAccessible(element);
});
