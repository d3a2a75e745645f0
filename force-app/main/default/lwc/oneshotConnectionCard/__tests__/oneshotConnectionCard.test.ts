import { type Connection, Problem, type ProviderName } from 'c/oneshotApi';
import type { ConnectionView } from 'c/oneshotConnections';
import OneshotConnectionCard from 'c/oneshotConnectionCard';
import { settle } from '../../../../../test/backend';
import { connection } from '../../../../../test/connections';
import { all, find, hear, mount } from '../../../../../test/mount';

type Button = HTMLElement & { label: string; disabled: boolean; variant: string };
type Card = HTMLElement & { view: ConnectionView };

function view(
  provider: ProviderName,
  of: Partial<Connection> = {},
  change: Partial<ConnectionView> = {},
): ConnectionView {
  return {
    connection: connection(provider, of),
    doing: 'nothing',
    isReady: true,
    isClickAgain: false,
    problem: null,
    revocation: null,
    ...change,
  };
}

const show = (shown: ConnectionView, isSignedIn = true): Promise<Card> =>
  mount<Card>('c-oneshot-connection-card', OneshotConnectionCard, { view: shown, isSignedIn }) as Promise<Card>;
const words = (card: HTMLElement): string => (card.shadowRoot?.textContent ?? '').replace(/\s+/g, ' ');
const action = (card: HTMLElement): Button => find<Button>(card, '.action');
const mail = { label: 'rep@demo.example', since: '2026-11-03T10:00:00.000Z' };

afterEach(() => document.body.replaceChildren());

test('not connected: what it does and does not, and one button', async () => {
  const card = await show(view('gmail'));
  expect(words(card)).toContain('Gmail');
  expect(words(card)).toContain('Not connected');
  expect(words(card)).toContain('Send only: we cannot read your mailbox.');
  expect(action(card).label).toBe('Connect Gmail');
  const connect = hear(card, 'connect');
  action(card).click();
  expect(connect).toHaveBeenCalledWith({ provider: 'gmail' });
  await expect(card).toBeAccessible();
});

test('connected: whose account, since when, and what ends it next', async () => {
  const card = await show(view('outreach', { ...mail, status: 'connected', expiresAt: '2026-12-09T10:00:00.000Z' }));
  expect(words(card)).toContain('rep@demo.example');
  expect(words(card)).toContain('Connected');
  expect(words(card)).toContain('Since Nov 3, 2026');
  expect(words(card)).toContain('Ends on Dec 9, 2026 unless you use it before.');
  expect(action(card).label).toBe('Disconnect Outreach');
  await expect(card).toBeAccessible();
});

test('while access is renewed it stays connected', async () => {
  const card = await show(view('gmail', { ...mail, status: 'refreshing' }));
  expect(words(card)).toContain('Connected, access is being renewed');
  expect(action(card).label).toBe('Disconnect Gmail');
});

test.each([
  ['gmail', 'password_changed', 'Google ended this connection: your password changed.'],
  ['outreach', 'unused', 'Outreach ended this connection: it was unused for too long.'],
  ['gmail', 'scope_missing', "Sending wasn't ticked in the Google window."],
  ['outreach', 'scope_missing', "Something that OneShot needs wasn't allowed in the Outreach window."],
  ['outlook', 'restored', 'OneShot was restored from a backup'],
  ['outlook', 'key_removed', 'Your OneShot key was deleted in Salesforce'],
  ['gmail', 'revoked', 'Google ended this connection: the access was removed there'],
  ['outlook', 'expired', 'Microsoft ended this connection: the access ran out'],
  ['outlook', 'mfa_required', 'Microsoft asks for a second factor'],
  ['outlook', 'conditional_access', 'A rule of your company does not let OneShot use Microsoft'],
  ['gmail', 'blocked_by_admin', 'Your IT admin does not allow OneShot at Google'],
  ['gmail', 'account_closed', 'that account is closed or disabled'],
  ['gmail', 'client_changed', 'OneShot is registered anew at Google'],
  ['outreach', 'refresh_interrupted', 'the answer from Outreach was lost'],
  ['outlook', 'whatever', 'Microsoft ended this connection: the access was removed there'],
  ['outlook', 'constructor', 'Microsoft ended this connection: the access was removed there'],
] as const)('%s to be reconnected because of %s', async (provider, reason, why) => {
  const card = await show(view(provider, { ...mail, status: 'reconnect', reason }));
  expect(words(card)).toContain('Reconnect needed');
  expect(words(card)).toContain(why);
  expect(action(card).label).toMatch(/^Reconnect/);
});

test.each([
  ['channel_off', 'Your Salesforce admin has switched this off for your company.'],
  ['not_offered', 'OneShot does not offer this here.'],
])('what cannot be connected because of %s says so, without a button', async (reason, why) => {
  const card = await show(view('outreach', { reason }, { isReady: false }));
  expect(words(card)).toContain(why);
  expect(all(card, '.action')).toHaveLength(0);
  await expect(card).toBeAccessible();
});

test('waiting for an admin: a link to send, and Check again goes the way once more', async () => {
  const adminUrl = 'https://login.example/adminconsent';
  const write = jest.fn(() => Promise.resolve());
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: write }, configurable: true });
  const refused = new Problem({ code: 'waiting_for_admin' });
  const card = await show(view('outlook', { status: 'waiting_for_admin', adminUrl }, { problem: refused }));
  expect(words(card)).toContain("Microsoft needs your IT admin's approval. Send them this link");
  find(card, '.link lightning-button').click();
  await settle();
  expect(write).toHaveBeenCalledWith(adminUrl);
  expect(words(card)).toContain('Link copied');
  const connect = hear(card, 'connect');
  expect(action(card).label).toBe('Check again');
  action(card).click();
  expect(connect).toHaveBeenCalledTimes(1);
  await expect(card).toBeAccessible();
});

test('a link that the browser does not copy is shown', async () => {
  Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
  const card = await show(view('outlook', { status: 'waiting_for_admin', adminUrl: 'https://login.example/x' }));
  find(card, '.link lightning-button').click();
  await settle();
  expect(find<HTMLElement & { value: string }>(card, 'lightning-textarea').value).toBe('https://login.example/x');
});

test.each([
  ['key_edited', 'was changed by hand'],
  ['key_unreadable', "can't be read"],
])('blocked by %s: who must do what, and signing in again looks anew', async (reason, why) => {
  const card = await show(view('gmail', { ...mail, status: 'blocked', reason }));
  expect(words(card)).toContain('Blocked');
  expect(words(card)).toContain(why);
  expect(action(card).label).toBe('Sign in again');
  const signIn = hear(card, 'signin');
  action(card).click();
  expect(signIn).toHaveBeenCalledTimes(1);
});

test('the button waits for the address, and not where a click signs in', async () => {
  expect(action(await show(view('gmail', {}, { isReady: false }))).disabled).toBe(true);
  expect(action(await show(view('gmail', {}, { isReady: false }), false)).disabled).toBe(false);
  const problem = new Problem({ code: 'network' });
  expect(action(await show(view('gmail', {}, { isReady: false, problem }))).disabled).toBe(false);
  const waiting = await show(view('gmail', {}, { isReady: false, doing: 'waiting' }));
  expect(action(waiting).disabled).toBe(false);
  expect(words(waiting)).toContain('Finish in the Google window. If it is closed, press the button again.');
});

test.each([
  [{ isClickAgain: true, isReady: true }, 'Ready. Press the button once more.'],
  [{ isClickAgain: true, isReady: false }, 'One moment...'],
  [{ doing: 'finishing' }, 'Connecting Gmail...'],
] as const)('%j', async (change, said) => {
  expect(words(await show(view('gmail', {}, change)))).toContain(said);
});

test.each([
  ['access_denied', 'You chose Deny in the Google window'],
  ['popup_blocked', 'Your browser blocked the Google window.'],
  ['scope_missing', "Sending wasn't ticked in the Google window."],
  ['provider_unavailable', 'Google did not answer properly.'],
  ['other_account', 'That is another Google account'],
  ['key_object_missing', 'Connections need the object OneShot Key'],
  ['invalid_code', 'Connecting took too long'],
  ['network', "Your browser couldn't reach OneShot."],
])('%s is told in the provider\u2019s name, with the number for support', async (code, said) => {
  const card = await show(view('gmail', {}, { problem: new Problem({ code, requestId: 'req-7' }) }));
  expect(words(card)).toContain(said);
  expect(words(card)).toContain('Number for support: req-7');
  const dismiss = hear(card, 'dismiss');
  find(card, '.dismiss').click();
  expect(dismiss).toHaveBeenCalledWith({ provider: 'gmail' });
  await expect(card).toBeAccessible();
});

test('a key that stands in the way is told by its reason', async () => {
  const problem = new Problem({ code: 'key_object_missing', reasons: ['key_edited'] });
  expect(words(await show(view('gmail', {}, { problem })))).toContain('was changed by hand');
});

test('the button that is disabled while it works has the focus again when it can be pressed', async () => {
  const card = await show(view('gmail'));
  const focus = jest.fn();
  const button = action(card);
  button.tabIndex = 0;
  button.focus();
  button.focus = focus;
  card.view = view('gmail', {}, { doing: 'finishing', isReady: false });
  await settle();
  // A browser takes the focus from a button that is disabled; jsdom does not.
  button.blur();
  expect(focus).not.toHaveBeenCalled();
  card.view = view('gmail', { ...mail, status: 'connected' });
  await settle();
  expect(focus).toHaveBeenCalledTimes(1);
});

test('whoever went on meanwhile is not called back', async () => {
  const card = await show(view('gmail'));
  const field = document.body.appendChild(document.createElement('input'));
  const button = action(card);
  button.tabIndex = 0;
  button.focus();
  const focus = jest.spyOn(button, 'focus');
  card.view = view('gmail', {}, { doing: 'finishing', isReady: false });
  await settle();
  field.focus();
  card.view = view('gmail', { ...mail, status: 'connected' });
  await settle();
  expect(focus).not.toHaveBeenCalled();
});

describe('disconnecting', () => {
  const connected = view('outlook', { ...mail, status: 'connected' });

  test('asks first; Cancel and Esc change nothing and give the focus back', async () => {
    const card = await show(connected);
    const heard = hear(card, 'disconnect');
    for (const leave of [
      (): void => all<Button>(card, '.buttons lightning-button')[0]?.click(),
      (): void =>
        void find(card, '.note').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })),
    ]) {
      action(card).click();
      await settle();
      expect(words(card)).toContain('Disconnect Outlook? OneShot deletes its access at once.');
      await expect(card).toBeAccessible();
      leave();
      await settle();
      expect(words(card)).not.toContain('Disconnect Outlook?');
    }
    expect(heard).not.toHaveBeenCalled();
  });

  test('Esc closes the question and nothing around it', async () => {
    const card = await show(connected);
    action(card).click();
    await settle();
    const around = jest.fn();
    card.addEventListener('keydown', around);
    const esc = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true });
    find(card, '.note').dispatchEvent(esc);
    expect(around).not.toHaveBeenCalled();
  });

  test('goes on after the answer', async () => {
    const card = await show(connected);
    const heard = hear(card, 'disconnect');
    action(card).click();
    await settle();
    find(card, '.confirm').click();
    expect(heard).toHaveBeenCalledWith({ provider: 'outlook' });
  });

  test.each([
    ['gmail', 'revoked', 'Google confirmed that the access has ended.', null],
    ['outlook', 'no_endpoint', 'Microsoft has no way to end it from here', 'https://myapplications.microsoft.com/'],
    ['gmail', 'failed', 'Google did not confirm that it ended there', 'https://myaccount.google.com/connections'],
    ['outreach', 'no_endpoint', 'Ask your Outreach admin to remove OneShot there too.', null],
  ] as const)('says the honest word: %s %s', async (provider, revocation, said, link) => {
    const card = await show(view(provider, {}, { revocation }));
    expect(words(card)).toContain(said);
    expect(card.shadowRoot?.querySelector('.note a')?.getAttribute('href') ?? null).toBe(link);
    await expect(card).toBeAccessible();
  });
});
