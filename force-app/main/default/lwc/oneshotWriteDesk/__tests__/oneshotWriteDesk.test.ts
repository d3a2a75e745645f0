import { contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { Tab, wordsOf } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');
type Queue = typeof import('c/oneshotQueue');

let tab: Tab;
let drafts: Drafts;
let desk: HTMLElement;
const addressee = (n: number): import('c/oneshotDrafts').Addressee => {
  return { contactId: contact(n).id, accountId: null, name: `Person ${String(n)}` };
};
const shown = (): string | undefined =>
  all<HTMLElement & { contactId: string }>(desk, 'c-oneshot-composer')[0]?.contactId;

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  drafts = tab.load<Drafts>('c/oneshotDrafts');
  desk = await tab.show('c/oneshotWriteDesk');
});
afterEach(() => tab.close());

test('without a draft it says how to begin', async () => {
  expect(wordsOf(desk)).toContain('Nothing is being written. Press Write beside a contact.');
  await tab.expectAccessible(desk);
});

test('shows the draft that was opened last, and lets the rep go to another', async () => {
  drafts.openDraft(addressee(1));
  await settle();
  expect(shown()).toBe(contact(1).id);
  expect(all(desk, 'lightning-combobox')).toHaveLength(0);
  drafts.openDraft(addressee(2));
  await settle();
  expect(shown()).toBe(contact(2).id);
  find(desk, 'lightning-combobox').dispatchEvent(new CustomEvent('change', { detail: { value: contact(1).id } }));
  await settle();
  expect(shown()).toBe(contact(1).id);
  expect(drafts.draftsView().openId).toBe(contact(1).id);
});

test('a draft that ends makes room for the next; the last one ends it all', async () => {
  drafts.openDraft(addressee(1));
  drafts.openDraft(addressee(2));
  await settle();
  const done = hear(desk, 'done');
  drafts.discardDraft(contact(2).id);
  find(desk, 'c-oneshot-composer').dispatchEvent(new CustomEvent('done'));
  await settle();
  expect(shown()).toBe(contact(1).id);
  expect(done).not.toHaveBeenCalled();
  drafts.discardDraft(contact(1).id);
  await settle();
  expect(shown()).toBeUndefined();
});

test('a mail to several has its place beside the drafts', async () => {
  drafts.openDraft(addressee(1));
  await settle();
  tab.load<Queue>('c/oneshotQueue').beginQueue([0, 1, 2].map((n) => ({ contact: contact(n), accountName: 'Acme' })));
  await settle();
  expect(all(desk, 'c-oneshot-group-composer')).toHaveLength(1);
  const options = find<HTMLElement & { options: { label: string }[] }>(desk, 'lightning-combobox').options;
  expect(options.map(({ label }) => label)).toEqual(['To 3 contacts', 'Person 1']);
});
