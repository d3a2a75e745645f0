import { contact, optedOut } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');
let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
});
afterEach(() => tab.close());

/** As Lightning does it: first the component, then the id. */
async function open(): Promise<HTMLElement> {
  const action = await tab.show<{ recordId: string }>('c/oneshotWriteAction');
  action.recordId = contact(0).id;
  await settle();
  const { getRecord } = tab.load<{ getRecord: { emit(value: object): void } }>('lightning/uiRecordApi');
  getRecord.emit({ id: contact(0).id, fields: { Name: { value: 'Ana Ruiz' }, AccountId: { value: null } } });
  await settle();
  return action;
}

test('signed in, the composer is there at once', async () => {
  await tab.signIn();
  const action = await open();
  expect(all(action, 'c-oneshot-composer')).toHaveLength(1);
  expect(tab.backend.of(`GET /v1/contacts/${contact(0).id}`)).toHaveLength(1);
});

test('signed out, one button signs in and writes', async () => {
  const action = await open();
  await press(action, 'Write to Ana Ruiz');
  await tab.arrive();
  expect(all(action, 'c-oneshot-composer')).toHaveLength(1);
});

test('a contact who opted out gets the reason and no composer', async () => {
  tab.backend.on(`GET /v1/contacts/${contact(0).id}`, { body: { contact: contact(0, optedOut) } });
  await tab.signIn();
  const action = await open();
  expect(all(action, 'c-oneshot-composer')).toHaveLength(0);
  expect(wordsOf(action)).toContain('has opted out of email');
});

test('closing keeps the draft', async () => {
  await tab.signIn();
  const action = await open();
  const drafts = tab.load<Drafts>('c/oneshotDrafts');
  drafts.changeDraft(contact(0).id, { html: '<p>Dear Ana</p>' });
  const closed = jest.fn();
  action.addEventListener('close_action_screen', closed);
  find(action, 'c-oneshot-composer').dispatchEvent(new CustomEvent('minimise'));
  expect(closed).toHaveBeenCalledTimes(1);
  expect(drafts.draftOf(contact(0).id)?.html).toBe('<p>Dear Ana</p>');
});
