import { Problem } from 'c/oneshotApi';
import type { Draft } from 'c/oneshotDrafts';
import OneshotSendState from 'c/oneshotSendState';
import { all, hear, mount } from '../../../../../test/mount';
import { press, wordsOf } from '../../../../../test/tab';

const draft = (change: Partial<Draft>): Draft => ({
  contactId: '003000000000000AAA',
  accountId: null,
  name: 'Ana',
  channel: 'outlook',
  subject: '',
  html: '',
  designed: null,
  opening: '',
  logToSalesforce: null,
  state: 'writing',
  key: null,
  leavesAtMs: null,
  isEmptySubjectFine: false,
  problem: null,
  isLogFailed: false,
  isFoundSent: false,
  ...change,
});

const show = (change: Partial<Draft>): Promise<HTMLElement> =>
  mount('c-oneshot-send-state', OneshotSendState, { draft: draft(change) });

afterEach(() => {
  document.body.replaceChildren();
  jest.restoreAllMocks();
});

test('while writing there is nothing to say', async () => {
  expect(all(await show({}), '.note')).toHaveLength(0);
});

test('counts the seconds in which the mail can be called back', async () => {
  const element = await show({ state: 'undo', leavesAtMs: performance.now() + 7_000 });
  expect(wordsOf(element)).toContain('Your mail to Ana leaves in 7 s.');
  const undo = hear(element, 'undo');
  await press(element, 'Undo');
  expect(undo).toHaveBeenCalledTimes(1);
  await expect(element).toBeAccessible();
});

test('accepted says who accepted it and what is kept', async () => {
  const element = await show({ state: 'sent' });
  expect(wordsOf(element)).toContain(
    'Outlook accepted your mail to Ana. Find it in your Sent folder. We kept who and when, not what.',
  );
  expect(wordsOf(element)).not.toContain('Salesforce did not take');
});

test('what the rep found is not called accepted', async () => {
  const words = wordsOf(await show({ state: 'sent', isFoundSent: true }));
  expect(words).toContain('You found your mail to Ana in your Sent folder, so nothing more is sent.');
  expect(words).not.toContain('accepted');
});

test('a log entry that failed is told', async () => {
  expect(wordsOf(await show({ state: 'sent', isLogFailed: true }))).toContain('Salesforce did not take the log entry.');
});

test('unknown names the three ways out', async () => {
  const element = await show({ state: 'unknown' });
  expect(wordsOf(element)).toContain('The line to Outlook broke while sending. Your mail may have gone.');
  const opened = jest.spyOn(window, 'open').mockReturnValue(null);
  await press(element, 'Open Sent folder');
  expect(opened).toHaveBeenCalledWith('https://outlook.office.com/mail/sentitems', '_blank', 'noopener');
  const sent = hear(element, 'sent');
  const again = hear(element, 'again');
  await press(element, 'It was sent');
  await press(element, 'Send again anyway');
  expect([sent.mock.calls.length, again.mock.calls.length]).toEqual([1, 1]);
  await expect(element).toBeAccessible();
});

test('no answer offers to try again, and says that it goes out once', async () => {
  const element = await show({ state: 'unreached' });
  expect(wordsOf(element)).toContain('it goes out once, whatever happened');
  const ask = hear(element, 'ask');
  await press(element, 'Try again');
  expect(ask).toHaveBeenCalledTimes(1);
});

test('an opt-out is told in words', async () => {
  const problem = new Problem({ code: 'cannot_email', status: 422, reasons: ['opted_out'] });
  expect(wordsOf(await show({ problem }))).toContain(
    "Ana has opted out of email in Salesforce, so you can't write to them here.",
  );
});

test('another problem has its own words and a button', async () => {
  const element = await show({ problem: new Problem({ code: 'footer_missing', status: 409 }) });
  expect(wordsOf(element)).toContain("Your company's mail footer cannot be read");
  expect(all(element, 'c-oneshot-problem')).toHaveLength(1);
});

test('a session that ended is told by the composer, not twice', async () => {
  const element = await show({ problem: new Problem({ code: 'session_ended', status: 401 }) });
  expect(all(element, 'c-oneshot-problem')).toHaveLength(0);
});
