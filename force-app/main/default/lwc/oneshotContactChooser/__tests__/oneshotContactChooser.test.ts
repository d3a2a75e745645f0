import { accountId, contact, optedOut } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const route = `GET /v1/accounts/${accountId}/contacts`;
const accounts = [{ id: accountId, name: 'Acme' }];

let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
});
afterEach(() => tab.close());

const boxes = (element: HTMLElement): HTMLInputElement[] => all<HTMLInputElement>(element, 'input');

async function tick(element: HTMLElement, ...numbers: number[]): Promise<void> {
  for (const n of numbers) boxes(element)[n]?.click();
  await settle();
}

test('closes with the chosen contacts and the names of their accounts', async () => {
  tab.backend.on(route, { body: { rows: [contact(0), contact(1, optedOut), contact(2)], nextCursor: null } });
  const element = await tab.show('c/oneshotContactChooser', { accounts });
  expect(wordsOf(element)).toContain('opted out');
  await tick(element, 0, 1);
  const closed = hear(element, 'privateclose');
  await press(element, 'Write to 2');
  expect(closed).toHaveBeenCalledWith({
    result: [
      { contact: contact(0), accountName: 'Acme' },
      { contact: contact(1, optedOut), accountName: 'Acme' },
    ],
  });
});

test('tells when it has left the screen', async () => {
  const element = await tab.show('c/oneshotContactChooser', { accounts });
  const { default: Chooser } = tab.load<{ default: { left: Promise<void> } }>('c/oneshotContactChooser');
  const left = jest.fn();
  void Chooser.left.then(left);
  await press(element, 'Cancel');
  expect(left).not.toHaveBeenCalled();
  element.remove();
  await settle();
  expect(left).toHaveBeenCalledTimes(1);
});

test('50 at most', async () => {
  tab.backend.on(route, { body: { rows: Array.from({ length: 51 }, (_, n) => contact(n)), nextCursor: null } });
  const element = await tab.show('c/oneshotContactChooser', { accounts });
  await tick(element, ...Array.from({ length: 51 }, (_, n) => n));
  expect(wordsOf(element)).toContain('50 contacts at most.');
  expect(find<HTMLElement & { disabled: boolean }>(element, '.write').disabled).toBe(true);
  await tick(element, 0);
  expect(find<HTMLElement & { disabled: boolean }>(element, '.write').disabled).toBe(false);
});

test("an account that cannot be read says so in its place; the others' contacts are there", async () => {
  const other = '001000000000098AAA';
  tab.backend.on(`GET /v1/accounts/${other}/contacts`, {
    status: 404,
    body: { error: { code: 'not_found', message: 'x' } },
  });
  const element = await tab.show('c/oneshotContactChooser', { accounts: [{ id: other, name: 'Beta' }, ...accounts] });
  await settle();
  expect(wordsOf(element)).toContain('Salesforce has no such record any more');
  expect(boxes(element)).toHaveLength(1);
});

test('shows more of an account that has more', async () => {
  tab.backend.on(route, ({ query }) => ({
    body: query.get('cursor') ? { rows: [contact(1)], nextCursor: null } : { rows: [contact(0)], nextCursor: 'c' },
  }));
  const element = await tab.show('c/oneshotContactChooser', { accounts });
  await press(element, 'Show more');
  expect(boxes(element)).toHaveLength(2);
});
