import { find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const gmail = { provider: 'gmail', status: 'connected', reason: null, label: 'rita@demo.example' };
const outlook = { provider: 'outlook', status: 'refreshing', reason: null, label: 'rita@work.example' };

let tab: Tab;
const connected = (...rows: object[]): void => {
  tab.backend.on('GET /v1/connections', { body: { rows } });
};

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
});
afterEach(() => tab.close());

async function show(properties: object = {}): Promise<{ element: HTMLElement; choose: jest.Mock }> {
  const element = await tab.show('c/oneshotMailbox', properties);
  const choose = hear(element, 'choose');
  await tab.signIn();
  return { element, choose };
}

test('one mailbox is taken by itself', async () => {
  connected(gmail, { ...outlook, status: 'not_connected' }, { ...gmail, provider: 'outreach' });
  const { element, choose } = await show();
  expect(choose).toHaveBeenCalledWith({ channel: 'gmail' });
  expect(wordsOf(element)).toContain('From rita@demo.example (Gmail)');
  await tab.expectAccessible(element);
});

test('of two the rep chooses', async () => {
  connected(gmail, outlook);
  const { element, choose } = await show({ channel: 'gmail' });
  expect(choose).not.toHaveBeenCalled();
  find(element, 'lightning-combobox').dispatchEvent(new CustomEvent('change', { detail: { value: 'outlook' } }));
  expect(choose).toHaveBeenCalledWith({ channel: 'outlook' });
});

test('a mailbox that is gone is not kept', async () => {
  connected(outlook);
  const { choose } = await show({ channel: 'gmail' });
  expect(choose).toHaveBeenCalledWith({ channel: 'outlook' });
});

test.each(['reconnect', 'waiting_for_admin', 'blocked', 'not_connected'])('%s is no mailbox', async (status) => {
  connected({ ...gmail, status });
  const { element, choose } = await show();
  expect(choose).not.toHaveBeenCalled();
  expect(wordsOf(element)).toContain('Connect Gmail or Outlook first');
});

test('connecting in the dialog brings the mailbox', async () => {
  connected();
  const { element, choose } = await show();
  connected(gmail);
  await press(element, 'Connect a mailbox');
  expect(tab.load<{ default: { open: jest.Mock } }>('c/oneshotConnectionsModal').default.open).toHaveBeenCalledTimes(1);
  expect(choose).toHaveBeenCalledWith({ channel: 'gmail' });
});

test('the button that is gone with that gives its focus to whoever shows the mailbox', async () => {
  connected();
  const { element } = await show();
  const gone = hear(element, 'connect');
  await press(element, 'Connect a mailbox');
  expect(gone).not.toHaveBeenCalled();
  connected(gmail);
  await press(element, 'Connect a mailbox');
  expect(gone).toHaveBeenCalledTimes(1);
});

test('a channel that the org switched off is not offered', async () => {
  tab.settings = { channels: { gmail: false, outlook: true, outreach: true } };
  connected(gmail, outlook);
  const element = await tab.show('c/oneshotMailbox');
  await tab.signIn();
  expect(wordsOf(element)).toContain('rita@work.example (Outlook)');
  expect(wordsOf(element)).not.toContain('rita@demo.example');
});
