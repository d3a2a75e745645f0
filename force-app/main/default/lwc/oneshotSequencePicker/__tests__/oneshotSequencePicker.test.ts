import type { LightningElement } from 'lwc';
import { settle } from '../../../../../test/backend';
import { code, connection, Tab } from '../../../../../test/connections';

type Choices = HTMLElement & { label: string; choices: import('c/oneshotChoices').Choice[]; value: string | null };
type State = import('c/oneshotSequencePicker').PickerState;
const contactId = '003000000000001AAA';
const sequences = [
  { id: 's1', name: 'Follow-up', enabled: true, locked: false },
  { id: 's2', name: 'Legal', enabled: true, locked: true },
  { id: 's3', name: 'Old', enabled: false, locked: false },
];
const mailboxes = [
  { id: 'm1', email: 'old@demo.example', canSend: false },
  { id: 'm2', email: 'rep@demo.example', canSend: true },
];

let tab: Tab;
let picker: HTMLElement & { add: () => void };
let states: State[];
let enrolled: jest.Mock;

async function open(): Promise<void> {
  const { createElement } = require('lwc') as typeof import('lwc');
  const { default: Picker } = require('c/oneshotSequencePicker') as { default: typeof LightningElement };
  picker = createElement('c-oneshot-sequence-picker', { is: Picker }) as unknown as typeof picker;
  Object.assign(picker, { contactId, contactName: 'Ana Ruiz' });
  picker.addEventListener('change', (event) => states.push((event as CustomEvent<State>).detail));
  picker.addEventListener('enrolled', (event) => void enrolled((event as CustomEvent).detail));
  document.body.appendChild(picker);
  await settle();
}

const find = <T extends Element = HTMLElement>(selector: string): T | null =>
  picker.shadowRoot?.querySelector<T>(selector) ?? null;
const groups = (): Choices[] => [...(picker.shadowRoot?.querySelectorAll<Choices>('c-oneshot-choices') ?? [])];
const group = (label: string): Choices => {
  const found = groups().find((each) => each.label === label);
  if (!found) throw new Error(`${label} is not there`);
  return found;
};
const words = (): string => (picker.shadowRoot?.textContent ?? '').replace(/\s+/g, ' ');
const problem = (): string => find<HTMLElement & { words: string }>('c-oneshot-problem')?.words ?? '';

async function choose(label: string, value: string): Promise<void> {
  group(label).dispatchEvent(new CustomEvent('change', { detail: { value } }));
  await settle();
}

async function add(): Promise<void> {
  picker.add();
  await settle();
}

beforeEach(async () => {
  tab = new Tab();
  states = [];
  enrolled = jest.fn();
  tab.set('outreach', { status: 'connected', label: 'rep@demo.example' });
  await tab.load();
  tab.backend
    .on('GET /v1/outreach/sequences', ({ query }) => ({
      body: { rows: sequences.filter(({ name }) => name.includes(query.get('search') ?? '')), nextCursor: null },
    }))
    .on('GET /v1/outreach/mailboxes', { body: { rows: mailboxes } })
    .on('POST /v1/outreach/enrolments', { status: 201, body: { id: 'e1', state: 'active', prospect: 'found' } });
});
afterEach(() => tab.close());

describe('with Outreach connected', () => {
  beforeEach(async () => {
    await tab.signIn();
    await open();
  });

  test('shows the sequences, says why some cannot be chosen, and offers a mailbox that can send', () => {
    expect(words()).toContain('Add Ana Ruiz to one of your Outreach sequences.');
    expect(group('Sequence').choices).toEqual([
      { value: 's1', label: 'Follow-up', note: '', isDisabled: false },
      { value: 's2', label: 'Legal', note: 'Locked in Outreach', isDisabled: true },
      { value: 's3', label: 'Old', note: 'Switched off in Outreach', isDisabled: true },
    ]);
    expect(group('Sequence').value).toBeNull();
    expect(group('Send from').value).toBe('m2');
    expect(group('Send from').choices[0]).toMatchObject({ isDisabled: true });
    expect(states.at(-1)).toEqual({ canAdd: false, isAdding: false, isDone: false });
  });

  test('adds the contact to what was chosen, once, and says how it stands there', async () => {
    await choose('Sequence', 's1');
    expect(states.at(-1)).toMatchObject({ canAdd: true });
    picker.add();
    picker.add();
    await settle();
    const calls = tab.backend.of('POST /v1/outreach/enrolments');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toEqual({ contactId, sequenceId: 's1', mailboxId: 'm2' });
    expect(calls[0]?.headers['idempotency-key']).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(words()).toContain('Ana Ruiz was added to Follow-up. Outreach says: active.');
    expect(states.at(-1)).toEqual({ canAdd: false, isAdding: false, isDone: true });
    expect(enrolled).toHaveBeenCalledWith({ contactId, alreadyInSequence: false });
    expect(groups()).toHaveLength(0);
  });

  test.each([
    [
      { id: 'e', state: 'pending', prospect: 'created' },
      'Outreach says: pending. A new prospect was made in Outreach.',
    ],
    [{ id: 'e', state: 'bespoke', prospect: 'found' }, 'Ana Ruiz was added to Follow-up. Outreach says: bespoke.'],
    [
      { id: 'e', state: 'accepted', prospect: 'created' },
      'was added to Follow-up. A new prospect was made in Outreach.',
    ],
    [{ id: 'e', state: 'unknown' }, 'Ana Ruiz may be in Follow-up now. Look in Outreach before you add them again.'],
    [
      { id: 'e', state: 'active', prospect: 'found', alreadyInSequence: true },
      'Ana Ruiz is already in Follow-up. Nothing was changed.',
    ],
  ])('tells what Outreach answered: %j', async (body, said) => {
    tab.backend.on('POST /v1/outreach/enrolments', { body });
    await choose('Sequence', 's1');
    await add();
    expect(words()).toContain(said);
  });

  test.each([
    [{ code: 'opted_out', reasons: ['opted_out'] }, "Ana Ruiz has opted out of email, so they can't be added."],
    [{ code: 'cannot_email', reasons: ['bounced'] }, "Mail to Ana Ruiz bounced, so they can't be added."],
    [{ code: 'sequence_locked' }, 'Locked in Outreach'],
    [{ code: 'sequence_missing' }, 'That sequence is not in Outreach any more'],
    [{ code: 'mailbox_cannot_send' }, "Can't send: check it in Outreach"],
    [{ code: 'provider_refused' }, 'Outreach refused to add Ana Ruiz.'],
    [{ code: 'provider_unavailable' }, 'Outreach did not answer properly. Nothing was changed'],
    [{ code: 'reconnect_required', reasons: ['unused'] }, 'it was unused for too long'],
  ])('a refusal is told in words, and nothing was added: %j', async (error, said) => {
    tab.backend.on('POST /v1/outreach/enrolments', { status: 422, body: { error: { message: 'm', ...error } } });
    await choose('Sequence', 's1');
    await add();
    expect(problem()).toContain(said);
    expect(states.at(-1)).toMatchObject({ isDone: false, canAdd: true });
  });

  test('a connection that ended meanwhile is mended here, and what was chosen stays chosen', async () => {
    const error = { code: 'reconnect_required', message: 'm', action: 'reconnect', reasons: ['unused'] };
    tab.backend.on('POST /v1/outreach/enrolments', { status: 409, body: { error } });
    await choose('Sequence', 's1');
    tab.set('outreach', { status: 'reconnect', reason: 'unused' });
    await add();
    expect(find('c-oneshot-connections-panel')).not.toBeNull();
    tab.set('outreach', { status: 'connected', reason: null });
    tab.backend.on('POST /v1/connections/outreach/finish', { body: connection('outreach', { status: 'connected' }) });
    const card = find('c-oneshot-connections-panel')?.shadowRoot?.querySelector('c-oneshot-connection-card');
    card?.dispatchEvent(new CustomEvent('connect', { detail: { provider: 'outreach' } }));
    await tab.arrive({ source: 'oneshot', type: 'connection', provider: 'outreach', code });
    expect(group('Sequence').value).toBe('s1');
    expect(states.at(-1)).toMatchObject({ canAdd: true });
  });

  test('after a lost answer the same is asked again with the same key, and with another choice with another', async () => {
    tab.backend.on('POST /v1/outreach/enrolments', () => {
      throw new TypeError('Failed to fetch');
    });
    await choose('Sequence', 's1');
    await add();
    expect(problem()).toContain("couldn't reach OneShot");
    find('c-oneshot-problem')?.dispatchEvent(new CustomEvent('retry'));
    await settle();
    await choose('Send from', 'm2');
    await add();
    const keys = tab.backend.of('POST /v1/outreach/enrolments').map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
  });

  test('searches while the rep types, keeps what was chosen in sight, and says when nothing matches', async () => {
    await choose('Sequence', 's1');
    const search = (value: string): void => {
      find('lightning-input')?.dispatchEvent(new CustomEvent('change', { detail: { value } }));
    };
    search('Le');
    search('Leg');
    await tab.pass(250);
    expect(tab.backend.of('GET /v1/outreach/sequences').map(({ query }) => query.get('search'))).toEqual([null, 'Leg']);
    expect(group('Sequence').choices.map(({ label }) => label)).toEqual(['Follow-up', 'Legal']);
    expect(group('Sequence').value).toBe('s1');
    search('zzz');
    await tab.pass(250);
    expect(words()).toContain('No sequence matches.');
    expect(group('Sequence').choices.map(({ label }) => label)).toEqual(['Follow-up']);
  });

  test('the focus stays in the dialog when what was pressed is gone', async () => {
    await choose('Sequence', 's1');
    await add();
    expect(document.activeElement).toBe(picker);
  });

  test('a search after the session ended is not lost: it says so, and its button signs in and searches', async () => {
    await tab.pass(60 * 60_000);
    find('lightning-input')?.dispatchEvent(new CustomEvent('change', { detail: { value: 'Leg' } }));
    await tab.pass(250);
    expect(problem()).toBe('Your session ended.');
    expect(find<HTMLElement & { actionLabel: string }>('c-oneshot-problem')?.actionLabel).toBe('Sign in and search');
    find('c-oneshot-problem')?.dispatchEvent(new CustomEvent('retry'));
    await tab.arrive();
    expect(tab.backend.of('GET /v1/outreach/sequences').at(-1)?.query.get('search')).toBe('Leg');
    expect(find('c-oneshot-problem')).toBeNull();
  });

  test('a session that is over is signed in again in the click, and then it is done', async () => {
    await choose('Sequence', 's1');
    await tab.pass(60 * 60_000);
    picker.add();
    expect(tab.opened.at(-1)?.name).toBe('oneshot-sign-in');
    await tab.arrive();
    expect(words()).toContain('Ana Ruiz was added to Follow-up.');
  });
});

test('no mailbox that can send is said, and nothing can be added', async () => {
  tab.backend.on('GET /v1/outreach/mailboxes', { body: { rows: [mailboxes[0]] } });
  await tab.signIn();
  await open();
  await choose('Sequence', 's1');
  expect(words()).toContain('None of your mailboxes in Outreach can send.');
  await add();
  expect(tab.backend.of('POST /v1/outreach/enrolments')).toHaveLength(0);
});

test('Show more goes on where the list ended', async () => {
  tab.backend.on('GET /v1/outreach/sequences', ({ query }) => ({
    body: query.has('cursor')
      ? { rows: sequences.slice(2), nextCursor: null }
      : { rows: sequences.slice(0, 2), nextCursor: 'n' },
  }));
  await tab.signIn();
  await open();
  find('.more lightning-button')?.click();
  await settle();
  expect(group('Sequence').choices).toHaveLength(3);
  expect(find('.more')).toBeNull();
});

test('sequences that cannot be read say why, and Try again reads them', async () => {
  tab.backend.on('GET /v1/outreach/sequences', {
    status: 502,
    body: { error: { code: 'provider_invalid', message: 'm' } },
  });
  await tab.signIn();
  await open();
  expect(problem()).toContain('Outreach did not answer properly.');
  tab.backend.on('GET /v1/outreach/sequences', { body: { rows: sequences, nextCursor: null } });
  find('c-oneshot-problem')?.dispatchEvent(new CustomEvent('retry'));
  await settle();
  expect(group('Sequence').choices).toHaveLength(3);
});

test('without Outreach it is connected first, here, and then the sequences come', async () => {
  tab.set('outreach', { status: 'not_connected', label: null });
  tab.backend.on('POST /v1/connections/outreach/finish', () => {
    tab.set('outreach', { status: 'connected' });
    return { body: connection('outreach', { status: 'connected' }) };
  });
  await tab.signIn();
  await open();
  expect(words()).toContain('Connect Outreach, then choose a sequence.');
  expect(tab.backend.of('GET /v1/outreach/sequences')).toHaveLength(0);
  const panel = find('c-oneshot-connections-panel');
  const card = panel?.shadowRoot?.querySelector('c-oneshot-connection-card');
  card?.dispatchEvent(new CustomEvent('connect', { detail: { provider: 'outreach' } }));
  await tab.arrive({ source: 'oneshot', type: 'connection', provider: 'outreach', code });
  expect(group('Sequence').choices).toHaveLength(3);
  expect(find('c-oneshot-connections-panel')).toBeNull();
});

test('signed out there is one useful button', async () => {
  await open();
  const panel = find<HTMLElement & { startLabel: string }>('c-oneshot-connections-panel');
  expect(panel?.startLabel).toBe('Show my sequences');
});
