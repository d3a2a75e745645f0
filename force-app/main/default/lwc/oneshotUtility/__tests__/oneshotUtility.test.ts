import { contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find } from '../../../../../test/mount';
import { Tab } from '../../../../../test/tab';

interface Bar {
  EnclosingUtilityId: { emit(id: string): void };
  open: jest.Mock;
  minimize: jest.Mock;
}

let tab: Tab;
let utility: HTMLElement;
let bar: Bar;

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  utility = await tab.show('c/oneshotUtility');
  bar = tab.load<Bar>('lightning/platformUtilityBarApi');
  bar.EnclosingUtilityId.emit('u1');
  await settle();
});
afterEach(() => tab.close());

test('has a tab each for customers, the mails that are written, and what was sent', () => {
  const tabs = all<HTMLElement & { label: string }>(utility, 'lightning-tab');
  expect(tabs.map(({ label }) => label)).toEqual(['Customers', 'Write', 'Activity']);
  for (const part of ['activity-list', 'home-region', 'utility-state', 'write-desk']) {
    expect(all(utility, `c-oneshot-${part}`)).toHaveLength(1);
  }
});

test('makes no customers before somebody looks', () => {
  expect(all(utility, 'c-oneshot-workspace')).toHaveLength(0);
});

test('Write anywhere on the page opens it at what is being written', async () => {
  const { writeTo } = tab.load<typeof import('c/oneshotWriteTo')>('c/oneshotWriteTo');
  writeTo({ contactId: contact(0).id, accountId: null, name: 'Ana' });
  await settle();
  expect(bar.open).toHaveBeenCalledWith('u1', { autoFocus: true });
  expect(find<HTMLElement & { activeTabValue: string }>(utility, 'lightning-tabset').activeTabValue).toBe('write');
  find(utility, 'c-oneshot-write-desk').dispatchEvent(new CustomEvent('minimise'));
  expect(bar.minimize).toHaveBeenCalledWith('u1');
});

test('put away, it gives the focus back to where Write was pressed, once, and takes it from nobody', async () => {
  const { writeTo } = tab.load<typeof import('c/oneshotWriteTo')>('c/oneshotWriteTo');
  const back = jest.fn();
  const putAway = async (): Promise<void> => {
    find(utility, 'c-oneshot-write-desk').dispatchEvent(new CustomEvent('minimise'));
    await settle();
    await tab.pass(50);
  };
  const write = (): void => writeTo({ contactId: contact(0).id, accountId: null, name: 'Ana' }, back);
  write();
  await putAway();
  await putAway();
  expect(back).toHaveBeenCalledTimes(1);
  write();
  document.body.appendChild(document.createElement('input')).focus();
  await putAway();
  expect(back).toHaveBeenCalledTimes(1);
});

test('in an app without it, Write opens a dialog', async () => {
  utility.remove();
  const { writeTo } = tab.load<typeof import('c/oneshotWriteTo')>('c/oneshotWriteTo');
  const { default: Modal } = tab.load<{ default: { open: jest.Mock } }>('c/oneshotWriteModal');
  writeTo({ contactId: contact(0).id, accountId: null, name: 'Ana' });
  await settle();
  expect(Modal.open).toHaveBeenCalledTimes(1);
  expect(bar.open).not.toHaveBeenCalled();
});
