import OneshotSequenceModal from 'c/oneshotSequenceModal';
import { settle } from '../../../../../test/backend';
import { all, find, hear, mount } from '../../../../../test/mount';

type Button = HTMLElement & { label: string; disabled: boolean };
const open = (): Promise<HTMLElement> =>
  mount('c-oneshot-sequence-modal', OneshotSequenceModal, { contactId: '003000000000001AAA', contactName: 'Ana' });
const buttons = (modal: HTMLElement): Button[] => all<Button>(modal, 'lightning-modal-footer lightning-button');

async function tell(modal: HTMLElement, detail: object): Promise<void> {
  find(modal, 'c-oneshot-sequence-picker').dispatchEvent(new CustomEvent('change', { detail }));
  await settle();
}

afterEach(() => document.body.replaceChildren());

test('Add waits for a choice, and then adds once', async () => {
  const modal = await open();
  const picker = find<HTMLElement & { add: () => void }>(modal, 'c-oneshot-sequence-picker');
  const add = jest.fn();
  picker.add = add;
  expect(buttons(modal).map(({ label, disabled }) => [label, disabled])).toEqual([
    ['Cancel', undefined],
    ['Add to sequence', true],
  ]);
  await tell(modal, { canAdd: true, isAdding: false, isDone: false });
  buttons(modal)[1]?.click();
  expect(add).toHaveBeenCalledTimes(1);
  await tell(modal, { canAdd: true, isAdding: true, isDone: false });
  expect(buttons(modal)[1]).toMatchObject({ label: 'Adding...', disabled: true });
  await expect(modal).toBeAccessible();
});

test.each([
  [true, 'Close'],
  [false, 'Cancel'],
])('closes and tells whether somebody was added: %s', async (isDone, label) => {
  const modal = await open();
  const closed = hear(modal, 'privateclose');
  await tell(modal, { canAdd: false, isAdding: false, isDone });
  expect(buttons(modal)[0]?.label).toBe(label);
  buttons(modal)[0]?.click();
  expect(closed).toHaveBeenCalledWith({ result: { isAdded: isDone } });
});
