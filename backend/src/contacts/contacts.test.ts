import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccountSource } from '../../test/account-source.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { textOf, type Answer, type Json, type RepClient } from '../../test/sign-in.ts';
import { checksumOf } from '../http/crm-id.ts';
import { readContact } from './contacts.ts';

const REP = 'rep.one@demo.example';
const OTHER = 'rep.two@demo.example';

let stack: Stack;
let rep: RepClient;
let accountId: string;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '60' });
  rep = await stack.signIn(REP);
  accountId = await account('Quokka & Söhne', {});
}, 240_000);
afterAll(() => stack.close());

let made = 0;

/** An id of our own making that is free in the org. */
function freeId(prefix: string): string {
  made += 1;
  const id = `${prefix}9Z00000${String(made).padStart(5, '0')}`;
  return id + checksumOf(id);
}

async function account(name: string, more: object): Promise<string> {
  const Id = freeId('001');
  await stack.sandbox.upsert('Account', [{ Id, Name: name, ...more }]);
  return Id;
}

async function contact(fields: object): Promise<string> {
  const Id = freeId('003');
  await stack.sandbox.upsert('Contact', [
    { Id, AccountId: accountId, FirstName: 'Ana', LastName: 'Ruiz', Email: `ana.${made}@c.example`, ...fields },
  ]);
  return Id;
}

async function individual(fields: object): Promise<string> {
  const Id = freeId('0PK');
  await stack.sandbox.upsert('Individual', [{ Id, LastName: 'Ruiz', ...fields }]);
  return Id;
}

async function read(id: string, by = rep): Promise<Json> {
  const answer = await by.get(`/v1/contacts/${id}`);
  expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  return answer.body.contact ?? {};
}

const problem = ({ status, body }: Answer): unknown => [status, body.error?.code, body.error?.field, body.error?.rule];

describe('one contact', () => {
  test('has exactly the fields of the contract, live, and null for what Salesforce does not know', async () => {
    const id = await contact({ Title: 'CFO', Phone: '+49 30 1', LastActivityDate: '2026-11-01' });
    expect(await read(id)).toEqual({
      id,
      accountId,
      name: 'Ana Ruiz',
      title: 'CFO',
      email: `ana.${made}@c.example`,
      phone: '+49 30 1',
      lastActivityDate: '2026-11-01',
      canEmail: true,
      reasons: [],
      lastSentAt: null,
    });
    await stack.sandbox.upsert('Contact', [{ Id: id, Title: null, LastName: "O'Ruíz-张 🎉" }]);
    expect(await read(id)).toMatchObject({ name: "Ana O'Ruíz-张 🎉", title: null });
  });

  test.each<[string, () => Promise<object>, string[]]>([
    ['opted out', async () => ({ HasOptedOutOfEmail: true }), ['opted_out']],
    ['bounced', async () => ({ EmailBouncedDate: '2026-11-01T00:00:00.000+0000' }), ['bounced']],
    ['without an address', async () => ({ Email: null }), ['no_email']],
    [
      'whom nobody may market to',
      async () => ({ IndividualId: await individual({ HasOptedOutSolicit: true }) }),
      ['do_not_contact'],
    ],
    [
      'whose data may not be processed',
      async () => ({ IndividualId: await individual({ HasOptedOutProcessing: true }) }),
      ['do_not_contact'],
    ],
    [
      'who wants to be forgotten',
      async () => ({ IndividualId: await individual({ ShouldForget: true }) }),
      ['do_not_contact'],
    ],
    ['whose individual allows it', async () => ({ IndividualId: await individual({}) }), []],
    [
      'who refuses twice',
      async () => ({ HasOptedOutOfEmail: true, EmailBouncedDate: '2026-11-01T00:00:00.000+0000' }),
      ['opted_out', 'bounced'],
    ],
  ])('%s can be written to only where nothing stands against it', async (_what, fields, reasons) => {
    const id = await contact(await fields());
    expect(await read(id)).toMatchObject({ canEmail: reasons.length === 0, reasons });
  });

  test('who may not see a consent field may not write, and is told that it is hidden', async () => {
    const free = await contact({});
    const known = await contact({ IndividualId: await individual({}) });
    const other = await stack.signIn(OTHER);
    expect((await read(known, other)).canEmail).toBe(true);
    for (const [object, field, hidesFree] of [
      ['Contact', 'HasOptedOutOfEmail', true],
      ['Contact', 'EmailBouncedDate', true],
      ['Contact', 'IndividualId', true],
      ['Individual', 'HasOptedOutSolicit', false],
      ['Individual', 'ShouldForget', false],
    ] as const) {
      await stack.sandbox.access(OTHER, object, { field, read: false });
      const hidden = { canEmail: false, reasons: ['consent_hidden'] };
      expect([field, await read(known, other)]).toEqual([field, expect.objectContaining(hidden)]);
      expect([field, (await read(free, other)).canEmail]).toEqual([field, !hidesFree]);
      await stack.sandbox.access(OTHER, object, { field, read: true });
    }
    await stack.sandbox.access(OTHER, 'Individual', { read: false });
    expect(await read(known, other)).toMatchObject({ canEmail: false, reasons: ['consent_hidden'] });
    expect(await read(free, other)).toMatchObject({ canEmail: true });
    await stack.sandbox.access(OTHER, 'Individual', { read: true });
  });

  test('what is hidden is null: address, title, account', async () => {
    const id = await contact({ Title: 'CFO' });
    const other = await stack.signIn(OTHER);
    for (const field of ['Email', 'Title', 'AccountId'])
      await stack.sandbox.access(OTHER, 'Contact', { field, read: false });
    expect(await read(id, other)).toMatchObject({ email: null, title: null, accountId: null, reasons: ['no_email'] });
    for (const field of ['Email', 'Title', 'AccountId'])
      await stack.sandbox.access(OTHER, 'Contact', { field, read: true });
  });

  test('that is deleted, hidden by sharing, or of another object is 404 or names the rule', async () => {
    const id = await contact({});
    await stack.sandbox.delete('Contact', [id]);
    expect((await rep.get(`/v1/contacts/${id}`)).status).toBe(404);
    const hidden = await account('Hidden', { $visibleTo: [] });
    const theirs = await contact({ AccountId: hidden });
    expect((await rep.get(`/v1/contacts/${theirs}`)).status).toBe(404);
    expect((await rep.get(`/v1/accounts/${hidden}/contacts`)).status).toBe(404);
    expect(problem(await rep.get(`/v1/contacts/${accountId}`))).toEqual([400, 'invalid', 'id', 'crm_id']);
    expect(problem(await rep.get(`/v1/accounts/${id}/contacts`))).toEqual([400, 'invalid', 'id', 'crm_id']);
    expect(problem(await rep.get(`/v1/contacts/${id.slice(0, 15)}`))).toEqual([400, 'invalid', 'id', 'crm_id']);
  });
});

test('what a rep may see of contacts and of Individuals is asked at once: nobody waits for one behind the other', async () => {
  const source = await AccountSource.listen();
  try {
    const [id, IndividualId] = [freeId('003'), freeId('0PK')];
    source.fields = ['Name', 'Email', 'HasOptedOutOfEmail', 'EmailBouncedDate', 'IndividualId', 'ShouldForget'];
    source.others.Contact = [{ Id: id, Name: 'Ana Ruiz', Email: 'ana@c.example', IndividualId }];
    source.others.Individual = [{ Id: IndividualId, ShouldForget: true }];
    const signal = AbortSignal.timeout(60_000);
    const [read] = await Promise.all([readContact(source.connect(), id, signal), source.whenAsked(2)]);
    expect(read).toMatchObject({ name: 'Ana Ruiz', canEmail: false, reasons: ['do_not_contact'] });
    expect(source.asked).toHaveLength(4);
  } finally {
    await source.close();
  }
});

describe('contacts of an account', () => {
  test('come by name, each once, in pages whose cursor says nothing and belongs to one rep and one account', async () => {
    const crowd = await account('Crowd', {});
    const names = Array.from({ length: 120 }, (_, index) => `Zoë ${String(119 - index).padStart(3, '0')}`);
    await stack.sandbox.upsert('Contact', [
      ...names.map((LastName) => ({ AccountId: crowd, LastName, Email: 'z@c.example' })),
      ...[1, 2, 3].map(() => ({ AccountId: crowd, LastName: 'Zoë 049', Email: 'z@c.example' })),
    ]);
    const seen: Json[] = [];
    let cursor: string | undefined;
    let first: string | undefined;
    do {
      const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await rep.get(`/v1/accounts/${crowd}/contacts${query}`);
      expect(status).toBe(200);
      seen.push(...(body.rows as unknown as Json[]));
      cursor = (body.nextCursor as unknown as string | null) ?? undefined;
      first ??= cursor;
    } while (cursor !== undefined);
    expect(new Set(seen.map(({ id }) => textOf(id))).size).toBe(123);
    const shown = seen.map(({ name }) => textOf(name));
    expect(shown).toEqual([...shown].sort());

    expect(Buffer.from(first ?? '', 'base64url').toString('latin1')).not.toMatch(/Zo/);
    const other = await stack.signIn(OTHER);
    for (const answer of [
      await other.get(`/v1/accounts/${crowd}/contacts?cursor=${first ?? ''}`),
      await rep.get(`/v1/accounts/${accountId}/contacts?cursor=${first ?? ''}`),
      await rep.get(`/v1/accounts/${crowd}/contacts?cursor=${(first ?? '').slice(0, -4)}AAAA`),
      await rep.get(`/v1/accounts/${crowd}/contacts?cursor=nonsense`),
    ])
      expect(problem(answer)).toEqual([400, 'invalid', 'cursor', 'cursor']);
  });

  test('an account without any has an empty list, and a parameter that is not known is refused', async () => {
    const lonely = await account('Lonely', {});
    expect((await rep.get(`/v1/accounts/${lonely}/contacts`)).body).toEqual({ rows: [], nextCursor: null });
    expect(problem(await rep.get(`/v1/accounts/${lonely}/contacts?offset=1`))).toEqual([
      400,
      'invalid',
      'offset',
      'unknown',
    ]);
  });

  test('a person account has one, which is the person', async () => {
    await stack.sandbox.org({ personAccounts: true });
    const [person] = (await stack.sandbox.records('Account')).filter(({ IsPersonAccount }) => IsPersonAccount === true);
    const { body } = await rep.get(`/v1/accounts/${String(person?.Id)}/contacts`);
    expect((body.rows as unknown as Json[]).map(({ email, name }) => [email, name])).toEqual([
      [person?.PersonEmail, person?.Name],
    ]);
    await stack.sandbox.org({ personAccounts: false });
  });
});
