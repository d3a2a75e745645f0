import { contact, optedOut } from '../../../../../test/contacts';
import { type Asked, type Reply, settle } from '../../../../../test/backend';
import { Tab } from '../../../../../test/tab';

type Queue = typeof import('c/oneshotQueue');

const sendRoute = 'POST /v1/emails';
const accepted: Reply = { status: 201, body: { id: 's1', state: 'accepted', stored: {}, task: 'none' } };
const refused = (status: number, code: string, more: object = {}): Reply => {
  return { status, body: { error: { code, message: 'x', ...more } } };
};

let tab: Tab;
let queue: Queue;

const chosen = (count: number): import('c/oneshotQueue').Chosen[] =>
  Array.from({ length: count }, (_, n) => ({ contact: contact(n), accountName: 'Müller & Söhne' }));
const states = (): string[] => queue.queueView().recipients.map(({ state }) => state);
const sent = (): { contactId: string; subject: string; html: string }[] =>
  tab.backend.of(sendRoute).map(({ body }) => body as { contactId: string; subject: string; html: string });
const keys = (): string[] => tab.backend.of(sendRoute).map(({ headers }) => headers['idempotency-key'] ?? '');

function begin(list: readonly import('c/oneshotQueue').Chosen[]): void {
  queue.beginQueue(list);
  queue.changeQueue({ channel: 'gmail', subject: 'For {!Account.Name}', html: '<p>Dear {!Contact.Name}</p>' });
}

async function start(): Promise<void> {
  queue.startQueue();
  await settle();
}

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  queue = tab.load<Queue>('c/oneshotQueue');
  tab.backend.on(sendRoute, accepted);
  await tab.signIn();
});
afterEach(() => tab.close());

test('each contact gets a mail of their own, with a key of its own, one after the other', async () => {
  begin(chosen(3));
  await start();
  expect(sent()).toHaveLength(1);
  await tab.pass(10_000);
  expect(sent().map(({ html }) => html)).toEqual([
    '<p>Dear Ana Ruiz</p>',
    '<p>Dear Contact 1</p>',
    '<p>Dear Contact 2</p>',
  ]);
  expect(sent()[0]?.subject).toBe('For Müller & Söhne');
  expect(new Set(keys()).size).toBe(3);
  expect(queue.queueView().phase).toBe('finished');
});

test('a name is text in the mail, never markup', async () => {
  begin([{ contact: contact(0, { name: '<img src=x onerror=alert(1)>' }), accountName: 'A' }]);
  await start();
  expect(sent()[0]?.html).toBe('<p>Dear &lt;img src=x onerror=alert(1)&gt;</p>');
});

test('nobody is written to twice, 50 at most, and those who cannot be written to come first and get nothing', async () => {
  const list = [...chosen(60), ...chosen(2)];
  list[3] = { contact: contact(3, optedOut), accountName: 'A' };
  begin(list);
  expect(queue.queueView().recipients).toHaveLength(50);
  expect(queue.queueView().recipients[0]).toMatchObject({
    contactId: contact(3).id,
    state: 'skipped',
    reasons: ['opted_out'],
  });
  await start();
  await tab.pass(120_000);
  expect(sent()).toHaveLength(49);
  expect(new Set(sent().map(({ contactId }) => contactId)).size).toBe(49);
  expect(sent().map(({ contactId }) => contactId)).not.toContain(contact(3).id);
});

test('a template is rendered for each contact', async () => {
  tab.backend.on('POST /v1/email-templates/00X000000000001AAA/render', ({ body }: Asked) => ({
    body: { subject: 'S', html: `<p>${(body as { contactId: string }).contactId}</p>`, text: '', missing: [] },
  }));
  begin(chosen(2));
  queue.changeQueue({ templateId: '00X000000000001AAA', templateName: 'Intro' });
  await start();
  await tab.pass(5_000);
  expect(sent().map(({ html }) => html)).toEqual([`<p>${contact(0).id}</p>`, `<p>${contact(1).id}</p>`]);
});

test('what was previewed is what is sent', async () => {
  let renders = 0;
  tab.backend.on('POST /v1/email-templates/00X000000000001AAA/render', () => {
    renders += 1;
    return { body: { subject: 'S', html: `<p>${String(renders)}</p>`, text: '', missing: ['Contact.Title'] } };
  });
  begin(chosen(1));
  queue.changeQueue({ templateId: '00X000000000001AAA', templateName: 'Intro' });
  expect(await queue.mailFor(contact(0).id)).toMatchObject({ html: '<p>1</p>', missing: ['Contact.Title'] });
  await start();
  expect(sent()[0]?.html).toBe('<p>1</p>');
  expect(renders).toBe(1);
});

test('pause stops after the mail that is on its way; resume goes on and repeats none', async () => {
  begin(chosen(4));
  await start();
  queue.pauseQueue();
  await tab.pass(60_000);
  expect(sent()).toHaveLength(1);
  expect(states()).toEqual(['accepted', 'ready', 'ready', 'ready']);
  await start();
  await tab.pass(10_000);
  expect(new Set(sent().map(({ contactId }) => contactId)).size).toBe(4);
  expect(sent()).toHaveLength(4);
});

test('cancel sends nothing more, and says of each what became of it', async () => {
  begin(chosen(3));
  await start();
  queue.cancelQueue();
  await tab.pass(60_000);
  expect(states()).toEqual(['accepted', 'cancelled', 'cancelled']);
  expect(queue.queueView().phase).toBe('finished');
});

test('the browser asks before the page is left while the queue is not finished', async () => {
  begin(chosen(2));
  expect(tab.asksBeforeLeaving()).toBe(true);
  await start();
  await tab.pass(10_000);
  expect(tab.asksBeforeLeaving()).toBe(false);
});

test('a session that ends in the middle pauses the queue; signing in goes on where it was', async () => {
  begin(chosen(3));
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 2 ? refused(401, 'crm_session_expired') : accepted;
  });
  await start();
  await tab.pass(10_000);
  expect(queue.queueView().phase).toBe('signIn');
  expect(states()).toEqual(['accepted', 'ready', 'ready']);
  await start();
  expect(tab.opened).toHaveLength(2);
  await tab.arrive();
  await tab.pass(10_000);
  expect(states()).toEqual(['accepted', 'accepted', 'accepted']);
  // The one that met the end of the session kept its key.
  expect(new Set(keys()).size).toBe(3);
});

test('a session that ends between two mails is seen before the next one leaves', async () => {
  tab.minutes = 5;
  await tab.session.signOut();
  await tab.signIn();
  begin(chosen(2));
  await start();
  queue.pauseQueue();
  await tab.pass(6 * 60_000);
  await start();
  expect(sent()).toHaveLength(1);
  expect(tab.opened).toHaveLength(3);
});

test('consent that changed meanwhile skips one with the reason, and the others go on', async () => {
  begin(chosen(3));
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 2 ? refused(422, 'cannot_email', { reasons: ['bounced'] }) : accepted;
  });
  await start();
  await tab.pass(10_000);
  expect(states()).toEqual(['accepted', 'skipped', 'accepted']);
  expect(queue.queueView().recipients[1]?.reasons).toEqual(['bounced']);
});

test('a contact that was deleted is not sent to, and the others go on', async () => {
  begin(chosen(2));
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 1 ? refused(404, 'not_found') : accepted;
  });
  await start();
  await tab.pass(10_000);
  expect(states()).toEqual(['refused', 'accepted']);
});

test("the day's limit pauses the queue and says so; nobody is lost", async () => {
  begin(chosen(3));
  tab.backend.on(sendRoute, refused(429, 'daily_limit', { retryAfter: 3_600 }));
  await start();
  expect(queue.queueView()).toMatchObject({ phase: 'paused', problem: { code: 'daily_limit' } });
  expect(states()).toEqual(['ready', 'ready', 'ready']);
});

test('the mailbox takes no more for a while: the queue waits as long, and goes on with a new attempt', async () => {
  begin(chosen(2));
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 1 ? refused(429, 'provider_limit', { retryAfter: 20 }) : accepted;
  });
  await start();
  await tab.pass(15_000);
  expect(sent()).toHaveLength(1);
  await tab.pass(20_000);
  expect(states()).toEqual(['accepted', 'accepted']);
  // The first key's answer is the refusal, however often it is asked for.
  expect(new Set(keys()).size).toBe(3);
});

test('paused sending pauses the queue and says so', async () => {
  begin(chosen(2));
  tab.backend.on(sendRoute, refused(503, 'sending_paused', { retryAfter: 300 }));
  await start();
  expect(queue.queueView()).toMatchObject({ phase: 'paused', problem: { code: 'sending_paused' } });
  expect(states()).toEqual(['ready', 'ready']);
  expect(sent()).toHaveLength(1);
});

test('no answer pauses the queue, and resume asks with the same key', async () => {
  begin(chosen(1));
  tab.backend.on(sendRoute, () => {
    throw new TypeError('Failed to fetch');
  });
  await start();
  await tab.pass(60_000);
  expect(queue.queueView()).toMatchObject({ phase: 'paused', problem: { code: 'network' } });
  tab.backend.on(sendRoute, accepted);
  await start();
  expect(states()).toEqual(['accepted']);
  expect(new Set(keys()).size).toBe(1);
});

test('an unknown outcome is shown as unknown and not sent again', async () => {
  begin(chosen(2));
  let calls = 0;
  tab.backend.on(sendRoute, () => {
    calls += 1;
    return calls === 1 ? { body: { id: 's1', state: 'unknown', stored: {} } } : accepted;
  });
  await start();
  await tab.pass(10_000);
  expect(states()).toEqual(['unknown', 'accepted']);
  expect(sent()).toHaveLength(2);
});

test('the text is fixed once the first mail has left', async () => {
  begin(chosen(2));
  await start();
  queue.pauseQueue();
  queue.changeQueue({ html: '<p>other</p>' });
  expect(queue.queueView().html).toBe('<p>Dear {!Contact.Name}</p>');
});

test('another rep who signs in has to choose a mailbox first', async () => {
  begin(chosen(2));
  await start();
  queue.pauseQueue();
  await tab.session.signOut();
  tab.user = { id: 'rep-2', name: 'Olaf Other', email: 'olaf@demo.example', isAdmin: false };
  await tab.signIn();
  await start();
  await tab.pass(10_000);
  expect(sent()).toHaveLength(1);
  queue.changeQueue({ channel: 'outlook' });
  await start();
  await tab.pass(10_000);
  expect(sent()).toHaveLength(2);
});
