import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canary, findCanaries } from './canary.ts';
import { connect } from './connect.ts';
import { openDatabases } from './databases.ts';
import { startStack, type Stack } from './harness.ts';
import { Correspondence, freshKey } from './sending-stack.ts';
import { textOf, type Answer, type Json, type RepClient } from './sign-in.ts';

/** Outreach through the real routes and the stand-in; and promise 5 over everything that was written meanwhile. */
const REP = 'rep.one@demo.example';
const words = {
  subject: canary(),
  body: canary(),
  name: canary(),
  address: canary(),
  account: canary(),
  note: canary(),
};
const sequences: string[] = [];
const keys: string[] = [];

let stack: Stack;
let write: Correspondence;
let rep: RepClient;
let accountId: string;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '200' });
  write = new Correspondence(stack);
  rep = await stack.signIn(REP);
  accountId = await write.account({ Name: words.account });
  for (const provider of ['gmail', 'outreach'] as const) expect((await connect(rep, provider)).status).toBe(200);
}, 240_000);
afterAll(() => stack.close());

const problem = ({ status, body }: Answer): unknown => [status, body.error?.code];
const person = (fields: object = {}): Promise<string> => write.contact(accountId, { LastName: words.name, ...fields });

/** A contact with the address of the demo's prospect of this number. */
async function prospectNumber(id: number): Promise<string> {
  const visible = (await stack.sandbox.records('Contact')).filter(
    ({ Email, HasOptedOutOfEmail, EmailBouncedDate, IndividualId }) =>
      Email !== null && HasOptedOutOfEmail !== true && EmailBouncedDate === null && IndividualId === null,
  );
  const both: string[] = [];
  const other = await stack.signIn('rep.two@demo.example');
  for (const { Id } of visible) {
    const path = `/v1/contacts/${String(Id)}`;
    if ((await rep.get(path)).status === 200 && (await other.get(path)).status === 200) both.push(String(Id));
    if (both.length === id) break;
  }
  return both[id - 1] ?? '';
}

describe('sequences and mailboxes', () => {
  test('are those that the rep may see and use, and a search takes accents as they come', async () => {
    const { body } = await rep.get('/v1/outreach/sequences');
    const rows = body.rows as unknown as Json[];
    expect(rows.map(({ id, name, enabled, locked }) => [id, name, enabled, locked])).toEqual([
      ['1', 'Welcome new customers', true, false],
      ['2', 'Renewal in 60 days', true, false],
      ['3', 'Spring campaign (over)', false, false],
      ['4', 'Being edited', true, true],
      ['5', 'Grüße & Neuigkeiten', true, false],
    ]);
    expect(body.nextCursor).toBeNull();
    const found = (await rep.get('/v1/outreach/sequences?search=GRUSSE')).body.rows as unknown as Json[];
    expect(found.map(({ id }) => id)).toEqual([]);
    const accents = (await rep.get('/v1/outreach/sequences?search=gru%C3%9Fe')).body.rows as unknown as Json[];
    expect(accents.map(({ id }) => id)).toEqual(['5']);
    expect((await rep.get('/v1/outreach/mailboxes')).body).toEqual({
      rows: [
        { id: '1', email: REP, canSend: true },
        { id: '4', email: 'robin.old@demo.example', canSend: false },
      ],
    });
  });

  test('a next page that leads elsewhere is not followed, and a cursor is one rep’s', async () => {
    const row = { type: 'sequence', id: 1, attributes: { name: 'x', enabled: true, locked: false } };
    for (const next of [
      'https://evil.example/api/v2/sequences?a=b',
      `${stack.sandbox.url}/outreach/api/v2/users?a=b`,
    ]) {
      await stack.sandbox.fault(
        { pathPattern: '/sequences', times: 1, status: 200, body: { data: [row], links: { next } } },
        'outreach',
      );
      expect(problem(await rep.get('/v1/outreach/sequences'))).toEqual([502, 'provider_invalid']);
    }
    const next = `${stack.sandbox.url}/outreach/api/v2/sequences?page%5Bsize%5D=50`;
    await stack.sandbox.fault(
      { pathPattern: '/sequences', times: 1, status: 200, body: { data: [row], links: { next } } },
      'outreach',
    );
    const cursor = textOf((await rep.get('/v1/outreach/sequences')).body.nextCursor);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('sequences');
    expect(((await rep.get(`/v1/outreach/sequences?cursor=${cursor}`)).body.rows as unknown as Json[]).length).toBe(5);
    expect((await rep.get(`/v1/outreach/sequences?search=x&cursor=${cursor}`)).status).toBe(400);
  });

  test('a limit, an outage and nonsense are told apart', async () => {
    const reset = Math.floor(Date.now() / 1_000) + 30;
    for (const [fault, wanted] of [
      [{ status: 429, headers: { 'x-ratelimit-reset': String(reset) }, body: {} }, [429, 'provider_limit']],
      [{ status: 503, body: {} }, [503, 'provider_unavailable']],
      [{ drop: 'before' as const }, [503, 'provider_unavailable']],
      [{ status: 200, body: '<html>' }, [502, 'provider_invalid']],
      [{ status: 403, body: {} }, [409, 'scope_missing']],
    ] as const) {
      await stack.sandbox.fault({ pathPattern: '/sequences', times: 1, ...fault }, 'outreach');
      const answer = await rep.get('/v1/outreach/sequences');
      expect(problem(answer)).toEqual(wanted);
      if (answer.status !== 429) continue;
      const retryAfter = Number(answer.headers.get('retry-after'));
      expect(retryAfter).toBeLessThanOrEqual(31);
      expect(retryAfter).toBeGreaterThanOrEqual(reset - Date.now() / 1_000 - 1);
    }
  });
});

describe('adding to a sequence', () => {
  test('makes the prospect where there is none, finds them then, and says what is there already', async () => {
    const contactId = await person({ FirstName: 'Ána', Email: `${words.address}@c.example` });
    const key = freshKey();
    const first = await write.enrol(rep, { contactId }, key);
    expect([first.status, first.body]).toEqual([
      201,
      { id: expect.stringMatching(/^act_/), state: 'accepted', prospect: 'created' },
    ]);
    expect((await write.enrol(rep, { contactId }, key)).body).toEqual(first.body);
    const second = await write.enrol(rep, { contactId, sequenceId: '2' });
    expect([second.status, second.body.prospect]).toEqual([201, 'found']);
    const again = await write.enrol(rep, { contactId });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ state: 'accepted', prospect: 'found', alreadyInSequence: true });
    expect(problem(await write.enrol(rep, { contactId, sequenceId: '5' }, key))).toEqual([422, 'idempotency_mismatch']);
    const { rows } = (await rep.get(`/v1/activity?contactId=${contactId}`)).body;
    expect((rows as unknown as Json[]).map(({ channel, outcome }) => [channel, outcome])).toEqual(
      Array.from({ length: 3 }, () => ['outreach', 'accepted']),
    );
    sequences.push('1', '2');
    keys.push(key);
  });

  test('is refused before anything is made: consent, sequence, mailbox, opt-out in Outreach', async () => {
    const contactId = await person();
    const optedOut = await person({ HasOptedOutOfEmail: true });
    for (const [body, wanted] of [
      [{ contactId: optedOut }, [422, 'cannot_email']],
      [{ contactId, sequenceId: '3' }, [422, 'sequence_disabled']],
      [{ contactId, sequenceId: '4' }, [422, 'sequence_locked']],
      [{ contactId, sequenceId: '6' }, [422, 'sequence_missing']],
      [{ contactId, sequenceId: '999' }, [422, 'sequence_missing']],
      [{ contactId, mailboxId: '4' }, [422, 'mailbox_cannot_send']],
      [{ contactId, mailboxId: '2' }, [422, 'mailbox_missing']],
      [{ contactId, sequenceId: 'x' }, [400, 'invalid']],
      [{ contactId: await prospectNumber(3) }, [422, 'opted_out']],
    ] as const)
      expect([body, problem(await write.enrol(rep, body))]).toEqual([body, wanted]);
    const { rows } = (await rep.get(`/v1/activity?contactId=${contactId}`)).body;
    expect(rows).toEqual([]);
  });

  test('is unknown where the line was cut, failed where it surely was not, and listed', async () => {
    const contactId = await person();
    for (const [pathPattern, fault, status, state] of [
      ['/sequenceStates', { drop: 'after' as const }, 200, 'unknown'],
      ['/sequenceStates', { status: 503, body: {} }, 503, undefined],
      [
        '/sequenceStates',
        { status: 422, body: { errors: [{ id: 'validationError', detail: 'No.' }] } },
        422,
        undefined,
      ],
    ] as const) {
      await stack.sandbox.fault({ pathPattern, times: 1, ...fault }, 'outreach');
      const key = freshKey();
      const answer = await write.enrol(rep, { contactId, sequenceId: '5' }, key);
      expect([answer.status, answer.body.state]).toEqual([status, state]);
      expect((await write.enrol(rep, { contactId, sequenceId: '5' }, key)).status).toBe(status);
    }
    const { rows } = (await rep.get(`/v1/activity?contactId=${contactId}`)).body;
    expect((rows as unknown as Json[]).map(({ outcome }) => outcome)).toEqual(['refused', 'failed', 'unknown']);
  });
});

test('promise 5: of all sends, in every outcome, nothing is kept but that they were', async () => {
  const { subject, body, note } = words;
  const template = await write.template({ Subject: subject, HtmlValue: `<p>${body} {!Contact.LastName}</p>` });
  const contactId = await person({ Email: `mail.${words.address}@c.example`, Description: note });
  const render = await rep.post(`/v1/email-templates/${template}/render`, { contactId });
  expect(JSON.stringify(render.body)).toContain(words.name);
  const mail = { contactId, subject, html: `<p>${body}</p>`, text: body, logToSalesforce: true };
  const send = '/messages/send';
  for (const fault of [
    undefined,
    { pathPattern: send, status: 429, body: { error: { message: note } } },
    { pathPattern: send, status: 400, body: { error: { message: note } } },
    { pathPattern: send, status: 503, body: note },
    { pathPattern: send, drop: 'before' as const },
    { pathPattern: send, drop: 'after' as const },
    { pathPattern: '/v1/userinfo', status: 500, body: note },
    { pathPattern: send, status: 401, body: { error: { message: note } } },
  ]) {
    if (fault !== undefined) await stack.sandbox.fault({ times: 1, ...fault }, 'google');
    const key = `${words.note.slice(0, 40)}_${freshKey().slice(0, 20)}`;
    keys.push(key);
    await write.send(rep, mail, key);
    await write.send(rep, { ...mail, contactId: await person({ HasOptedOutOfEmail: true }) });
  }
  await write.send(rep, { ...mail, subject: `${subject}\r\nBcc: ${words.address}@c.example` });
  await write.send(rep, mail, `${words.address}@c.example`);
  const { rows } = (await rep.get(`/v1/activity?contactId=${contactId}`)).body;
  const outcomes = new Set((rows as unknown as Json[]).map(({ outcome }) => textOf(outcome)));
  expect([...outcomes].sort()).toEqual(['accepted', 'failed', 'refused', 'unknown']);

  await stack.sandbox.fault({ pathPattern: '/query', times: 3, status: 500, body: note });
  await write.send(rep, mail);

  const databases = await openDatabases(stack.settings);
  const kept: string[] = [];
  const fields = new Set<string>();
  for (const database of [databases.main, databases.sessions])
    for (const { name } of await database.listCollections().toArray())
      for (const document of await database.collection(name).find().toArray()) {
        kept.push(JSON.stringify(document));
        if (name === 'activities') for (const field of Object.keys(document)) fields.add(field);
      }
  await databases.close();
  expect([...fields].sort()).toEqual(
    [
      ...['_id', 'accountId', 'alreadyInSequence', 'at', 'channel', 'contactId', 'keyMac', 'orgId', 'outcome'],
      ...['prospect', 'sequenceMac', 'task', 'userId'],
    ].sort(),
  );
  const secrets = [...Object.values(words), ...keys];
  const everything = [...kept, ...stack.backend.raw].join('\n');
  for (const secret of secrets) expect(everything).not.toContain(secret);
  expect(kept.some((document) => document.includes(contactId))).toBe(true);
  expect(stack.backend.raw.some((line) => line.includes('/v1/emails'))).toBe(true);
  expect(stack.backend.raw.join('\n')).not.toContain(contactId);
  // The files of the database too, in every spelling, journals included.
  expect(await findCanaries(stack.dataDir, secrets)).toEqual([]);
});
