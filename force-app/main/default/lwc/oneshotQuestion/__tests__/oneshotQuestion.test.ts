import { all, find, hear, mount } from '../../../../../test/mount';
import Question from 'c/oneshotQuestion';

type Button = HTMLElement & { label: string; variant: string };

const asked = { words: 'Discard this text?', stayLabel: 'Keep writing', goLabel: 'Discard' };
const buttons = (element: HTMLElement): Button[] => all<Button>(element, 'lightning-button');

afterEach(() => document.body.replaceChildren());

test('asks in words that a screen reader says with the buttons, the harmless one first', async () => {
  const element = await mount('c-oneshot-question', Question, asked);
  expect(find(element, '[role=group]').getAttribute('aria-label')).toBe(asked.words);
  expect(buttons(element).map(({ label }) => label)).toEqual(['Keep writing', 'Discard']);
  expect(buttons(element).map(({ variant }) => variant)).not.toContain('destructive-text');
  await expect(element).toBeAccessible();
});

test('what throws something away looks like it', async () => {
  const element = await mount('c-oneshot-question', Question, { ...asked, isDestructive: true });
  expect(buttons(element)[1]?.variant).toBe('destructive-text');
});

test('puts the focus on the harmless answer, once', async () => {
  const focused = jest.spyOn(HTMLElement.prototype, 'focus');
  const element = await mount('c-oneshot-question', Question, asked);
  expect(focused.mock.contexts.map((one) => (one as Button).label)).toEqual(['Keep writing']);
  Object.assign(element, { words: 'Still?' });
  await Promise.resolve();
  expect(focused).toHaveBeenCalledTimes(1);
  focused.mockRestore();
});

test('Esc is the harmless answer, and closes nothing around', async () => {
  const element = await mount('c-oneshot-question', Question, asked);
  const around = jest.fn();
  element.addEventListener('keydown', around);
  const stay = hear(element, 'stay');
  const esc = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true });
  find(element, '[role=group]').dispatchEvent(esc);
  expect(stay).toHaveBeenCalledTimes(1);
  expect(around).not.toHaveBeenCalled();
});

test('says which answer was given', async () => {
  const element = await mount('c-oneshot-question', Question, asked);
  const [stay, go] = [hear(element, 'stay'), hear(element, 'go')];
  buttons(element)[0]?.click();
  expect([stay.mock.calls.length, go.mock.calls.length]).toEqual([1, 0]);
  buttons(element)[1]?.click();
  expect([stay.mock.calls.length, go.mock.calls.length]).toEqual([1, 1]);
});
