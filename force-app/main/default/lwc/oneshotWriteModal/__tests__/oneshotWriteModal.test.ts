import { contact } from '../../../../../test/contacts';
import { find, hear } from '../../../../../test/mount';
import { Tab, wordsOf } from '../../../../../test/tab';

let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
});
afterEach(() => tab.close());

test('closing keeps the draft, and says so', async () => {
  const drafts = tab.load<typeof import('c/oneshotDrafts')>('c/oneshotDrafts');
  drafts.openDraft({ contactId: contact(0).id, accountId: null, name: 'Ana' });
  drafts.changeDraft(contact(0).id, { html: '<p>x</p>' });
  const element = await tab.show('c/oneshotWriteModal');
  expect(wordsOf(element)).toContain('Your text stays in this tab.');
  const closed = hear(element, 'privateclose');
  find(element, 'c-oneshot-write-desk').dispatchEvent(new CustomEvent('minimise'));
  expect(closed).toHaveBeenCalledTimes(1);
  expect(drafts.draftOf(contact(0).id)?.html).toBe('<p>x</p>');
});
