import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const template = { id: '00X000000000001AAA', name: 'Intro' };

let tab: Tab;

async function show(properties: object = {}): Promise<HTMLElement> {
  return tab.show('c/oneshotMailFields', properties);
}

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  tab.backend.on('GET /v1/email-templates', { body: { rows: [{ ...template, folder: 'Sales' }], nextCursor: null } });
});
afterEach(() => tab.close());

test('tells what was changed, each by its own name', async () => {
  await tab.signIn();
  const element = await show();
  const change = hear(element, 'change');
  const give = (selector: string, detail: object): boolean =>
    find(element, selector).dispatchEvent(new CustomEvent('change', { detail, bubbles: true, composed: true }));
  give('.subject', { value: 'Hello' });
  give('c-oneshot-mail-body', { html: '<p>Dear</p>' });
  give('lightning-input[type=checkbox], lightning-input:not(.subject)', { checked: true });
  expect(change.mock.calls.map(([detail]: unknown[]) => detail)).toEqual([
    { subject: 'Hello' },
    { html: '<p>Dear</p>' },
    { logToSalesforce: true },
  ]);
  await tab.expectAccessible(element);
});

test('the templates open at a click, close at the next, and the chosen one is told', async () => {
  await tab.signIn();
  const element = await show();
  const [ask, pick, chosen] = [hear(element, 'ask'), hear(element, 'pick'), hear(element, 'template')];
  await press(element, 'Template');
  expect(all(element, 'c-oneshot-template-picker')).toHaveLength(1);
  await press(element, 'Template');
  expect(all(element, 'c-oneshot-template-picker')).toHaveLength(0);
  await press(element, 'Template');
  await press(element, 'Intro');
  expect(chosen.mock.calls).toEqual([[template]]);
  expect(all(element, 'c-oneshot-template-picker')).toHaveLength(0);
  expect([ask.mock.calls.length, pick.mock.calls.length]).toEqual([3, 2]);
});

test('signed out, the click signs in and then shows the templates', async () => {
  const element = await show();
  const ask = hear(element, 'ask');
  await press(element, 'Template');
  expect(ask).toHaveBeenCalledTimes(1);
  expect(tab.opened).toHaveLength(1);
  await tab.arrive();
  await settle();
  expect(all(element, 'c-oneshot-template-picker')).toHaveLength(1);
});

test('locked, nothing can be changed and no template chosen', async () => {
  await tab.signIn();
  const element = await show({ subject: 'Hello' });
  await press(element, 'Template');
  Object.assign(element, { isLocked: true });
  await settle();
  expect(all(element, 'c-oneshot-template-picker')).toHaveLength(0);
  const inputs = all<HTMLElement & { disabled: boolean }>(element, 'lightning-input, lightning-button');
  expect(inputs.map(({ disabled }) => disabled)).toEqual(inputs.map(() => true));
});

test('a template for several takes the place of subject and text, by name, and can be taken out', async () => {
  await tab.signIn();
  const element = await show({ templateName: 'Intro' });
  expect(all(element, '.subject, c-oneshot-mail-body')).toHaveLength(0);
  expect(wordsOf(element)).toContain('Intro');
  const removed = hear(element, 'removetemplate');
  await press(element, 'Remove template');
  expect(removed).toHaveBeenCalledTimes(1);
});
