import { contact, optedOut } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

type Queue = typeof import('c/oneshotQueue');
const sendRoute = 'POST /v1/emails';

let tab: Tab;
let queue: Queue;
let element: HTMLElement;

async function open(count = 3): Promise<void> {
  queue = tab.load<Queue>('c/oneshotQueue');
  const chosen = Array.from({ length: count }, (_, n) => ({
    contact: n === 1 ? contact(n, optedOut) : contact(n),
    accountName: 'Acme',
  }));
  queue.beginQueue(chosen);
  element = await tab.show('c/oneshotGroupComposer');
  await settle();
}

const fields = (): HTMLElement => find(element, 'c-oneshot-mail-fields');

async function write(): Promise<void> {
  find(fields(), 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { value: 'Hello' } }));
  find(fields(), 'c-oneshot-mail-body').dispatchEvent(new CustomEvent('change', { detail: { html: '<p>Dear</p>' } }));
  await settle();
}

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  tab.backend.on(sendRoute, { status: 201, body: { id: 's1', state: 'accepted', stored: {}, task: 'none' } });
  await tab.signIn();
});
afterEach(() => tab.close());

test('says who is skipped and why, first, and how long it takes, before anything is sent', async () => {
  await open();
  const words = wordsOf(element);
  expect(words).toContain('Skipped: 1. They stand first, with the reason.');
  expect(words).toMatch(/Contact 1.*Skipped: opted out.*Ana Ruiz/);
  expect(words).toContain('keep it open');
  expect(words).toContain('This takes about 5 seconds.');
  await tab.expectAccessible(element);
});

test('a preview shows the mail as that person gets it', async () => {
  await open();
  await write();
  await press(element, 'Insert name');
  const previews = all(find(element, 'c-oneshot-recipients'), 'button');
  expect(previews.map((one) => one.getAttribute('aria-label'))).toEqual([
    'Preview for Ana Ruiz',
    'Preview for Contact 2',
  ]);
  previews[1]?.click();
  await settle();
  expect(wordsOf(element)).toContain('<p>Dear Contact 2</p>');
  expect(previews[1]?.getAttribute('aria-expanded')).toBe('true');
  await tab.expectAccessible(element);
});

test('sends with progress, and ends with what became of each', async () => {
  await open();
  await write();
  await press(element, 'Send to 2');
  expect(wordsOf(element)).toContain('1 of 2 done');
  await tab.pass(5_000);
  expect(wordsOf(element)).toContain('Accepted: 2, not accepted: 1. Each row says why.');
  const done = hear(element, 'done');
  await press(element, 'Close');
  expect(done).toHaveBeenCalledTimes(1);
  expect(queue.queueView().phase).toBe('none');
});

test('pause, resume, cancel', async () => {
  await open(5);
  await write();
  await press(element, 'Send to 4');
  await press(element, 'Pause');
  expect(wordsOf(element)).toContain('Paused. Nothing goes out until you press Resume.');
  await tab.expectAccessible(element);
  await press(element, 'Resume');
  await press(element, 'Cancel the rest');
  await tab.pass(20_000);
  expect(wordsOf(element)).toContain('Cancelled');
  expect(tab.backend.of(sendRoute).length).toBeLessThan(4);
});

test('the end of the session in the middle: one button signs in and goes on', async () => {
  await open();
  await write();
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 1
      ? { status: 401, body: { error: { code: 'session_ended', message: 'x' } } }
      : { status: 201, body: { id: 's1', state: 'accepted', stored: {}, task: 'none' } };
  });
  await press(element, 'Send to 2');
  expect(wordsOf(element)).toContain('Your session ended. What is left waits in this tab.');
  await tab.expectAccessible(element);
  await press(element, 'Sign in and go on');
  await tab.arrive();
  await tab.pass(5_000);
  expect(wordsOf(element)).toContain('Accepted: 2,');
});

test('an empty subject asks once', async () => {
  await open();
  find(fields(), 'c-oneshot-mail-body').dispatchEvent(new CustomEvent('change', { detail: { html: '<p>Dear</p>' } }));
  await settle();
  await press(element, 'Send to 2');
  expect(tab.backend.of(sendRoute)).toHaveLength(0);
  await press(element, 'Send without subject');
  expect(tab.backend.of(sendRoute)).toHaveLength(1);
});

test('where nobody can be written to it says so and sends nothing', async () => {
  queue = tab.load<Queue>('c/oneshotQueue');
  queue.beginQueue([{ contact: contact(1, optedOut), accountName: 'Acme' }]);
  element = await tab.show('c/oneshotGroupComposer');
  expect(wordsOf(element)).toContain('None of them can be written to.');
});

test('Esc minimises; the queue stays', async () => {
  await open();
  const minimise = hear(element, 'minimise');
  find(element, '.composer').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }));
  expect(minimise).toHaveBeenCalledTimes(1);
  expect(queue.queueView().phase).toBe('writing');
});
