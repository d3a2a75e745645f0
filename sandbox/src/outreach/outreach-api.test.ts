import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { repOne, repTwo, TestSandbox } from '../testing/browser.ts';
import { startSandbox } from '../index.ts';
import { Dance, readJson } from '../testing/dance.ts';

const scope = 'prospects.all accounts.read sequences.read sequenceStates.all mailboxes.read users.read';
const mediaType = 'application/vnd.api+json';

let sandbox: TestSandbox;
let outreach: Dance;
let token: string;
beforeAll(async () => {
  // Enough accounts that six contacts are seen by both reps.
  sandbox = new TestSandbox(await startSandbox({ accounts: 40 }));
  outreach = new Dance(sandbox, {
    provider: 'outreach',
    authorize: '/oauth/authorize',
    token: '/oauth/token',
    ask: { scope },
  });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  token = (await outreach.signIn()).access_token;
});

interface Resource {
  type: string;
  id: number;
  attributes: Record<string, unknown>;
  relationships: Record<string, { data: { type: string; id: number } | null }>;
}

interface Document {
  data: Resource[] & Resource;
  links: { next?: string };
  meta: { user: Record<string, unknown> };
  errors: { id: string; detail?: string; details?: string; title: string; source?: Record<string, string> }[];
}

const get = async (path: string, accessToken = token) =>
  readJson<Document>(await outreach.get(`/api/v2${path}`, accessToken, { 'content-type': mediaType }));

const post = async (path: string, data: unknown, accessToken = token, type = mediaType) =>
  readJson<Document>(await outreach.send(`/api/v2${path}`, accessToken, { data }, type));

const prospect = (attributes: object, relationships?: object) => ({ type: 'prospect', attributes, ...(relationships ? { relationships } : {}) }); // prettier-ignore

/** The relationships of a sequence state. */
const enrol = (ids: { prospect?: number; sequence?: number; mailbox?: number }) => ({
  type: 'sequenceState',
  relationships: Object.fromEntries(Object.entries(ids).map(([type, id]) => [type, { data: { type, id } }])),
});

test('the root says whose token it is', async () => {
  const { status, headers, body } = await get('');
  expect([status, headers.get('content-type')]).toEqual([200, mediaType]);
  expect(body.meta.user).toMatchObject({ id: 1, email: repOne });
  const two = (await outreach.signIn({}, { username: repTwo })).access_token;
  expect((await get('/', two)).body.meta.user).toMatchObject({ id: 2, email: repTwo });
});

test('users, mailboxes, sequences, accounts and prospects are there', async () => {
  const rows = async (path: string): Promise<Record<string, unknown>[]> =>
    (await get(path)).body.data.map(({ id, attributes }) => ({ id, ...attributes }));
  expect(await rows(`/users?filter[email]=${repTwo}`)).toEqual([expect.objectContaining({ id: 2, email: repTwo })]);
  expect(await rows('/mailboxes?filter[userId]=1')).toEqual([
    { id: 1, email: repOne, userId: 1, sendDisabled: false },
    { id: 4, email: 'robin.old@demo.example', userId: 1, sendDisabled: true },
  ]);
  const sequences = await rows('/sequences');
  expect(sequences).toContainEqual({ id: 3, name: 'Spring campaign (over)', enabled: false, locked: false, shareType: 'shared' }); // prettier-ignore
  expect(sequences).toContainEqual({ id: 4, name: 'Being edited', enabled: true, locked: true, shareType: 'shared' });
  expect(sequences).toHaveLength(5);
  const two = (await outreach.signIn({}, { username: repTwo })).access_token;
  expect((await get('/sequences', two)).body.data).toHaveLength(6);
  const prospects = await rows('/prospects');
  expect(prospects).toHaveLength(6);
  expect(prospects[2]).toMatchObject({ optedOut: true });
  const email = String((prospects[0]?.emails as string[])[0]);
  const found = await get(`/prospects?filter[emails]=${encodeURIComponent(email.toUpperCase())}`);
  expect(found.body.data).toMatchObject([
    { id: 1, type: 'prospect', relationships: { account: { data: { type: 'account' } } } },
  ]);
  const { rows: contacts } = await sandbox.control<{ rows: { Email: string | null }[] }>(
    'GET',
    '/records?object=Contact',
  );
  expect(contacts.map((row) => row.Email?.toLowerCase())).toContain(email);
  expect((await get('/prospects/1')).body.data.id).toBe(1);
  expect((await get('/prospects/999')).body.errors[0]?.id).toBe('resourceNotFound');
  expect((await get('/sequences/6')).status).toBe(404);
  expect((await get('/accounts')).body.data.length).toBeGreaterThan(0);
});

test('pages follow links.next to the end', async () => {
  const seen: unknown[] = [];
  let next: string | undefined = `${outreach.base}/api/v2/sequences?page[size]=2&sort=name`;
  while (next !== undefined) {
    const answer: Response = await fetch(next, {
      headers: { authorization: `Bearer ${token}`, 'content-type': mediaType },
    });
    const { data, links } = (await answer.json()) as Document;
    seen.push(...data.map(({ attributes }) => attributes.name));
    next = links.next;
    expect(next?.startsWith(`${outreach.base}/api/v2/sequences?`) ?? true).toBe(true);
  }
  expect(seen).toHaveLength(5);
  expect(seen).toEqual([...seen].sort((a, b) => String(a).localeCompare(String(b), 'en')));
});

test.each([
  '?page[size]=51', '?page[size]=0', '?page[size]=x', '?page[after]=x', '?page[limit]=5', '?page[offset]=5', '?sort=emails',
  '?filter[firstName]=A', '?filter[emails]=', '?filter[emails]=a&filter[emails]=b', '?include=account', '?filter=x',
])('/prospects%s is refused in JSON:API', async (query) => {
  const { status, headers, body } = await get(`/prospects${query}`);
  expect([status, headers.get('content-type')]).toEqual([400, mediaType]);
  expect(body.errors[0]?.source?.parameter).toBeDefined();
}); // prettier-ignore

test.each([undefined, 'application/json', 'application/vnd.api+json; charset=utf-8', 'text/plain'])(
  'content type %s: 415, for reads too',
  async (type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const read = await readJson<Document>(await outreach.get('/api/v2/sequences', token, headers));
    expect([read.status, read.body.errors[0]]).toEqual([
      415,
      { id: 'unsupportedMediaType', title: 'Unsupported Media Type', details: expect.any(String) },
    ]);
    if (type !== undefined) expect((await post('/prospects', prospect({}), token, type)).status).toBe(415);
  },
);

test('a token that is guessed, expired or too narrow', async () => {
  const guessed = await get('/users', 'guessed');
  expect([guessed.status, guessed.body]).toEqual([
    401,
    { error: 'Invalid JWT token.', description: 'The JWT token could not be decoded.' },
  ]);
  const narrow = (await outreach.signIn({ scope: 'sequenceStates.write' })).access_token;
  const refused = await get('/sequenceStates', narrow);
  expect([refused.status, refused.body.errors[0]?.id]).toEqual([403, 'unauthorizedOauthScope']);
  expect((await post('/prospects', prospect({ emails: ['n@customers.example'] }), narrow)).status).toBe(403);
  await sandbox.control('POST', '/tokens', { provider: 'outreach', username: repOne, action: 'expire' });
  const expired = await get('/users');
  expect([expired.status, expired.body.errors[0]?.id]).toEqual([401, 'expiredAccessToken']);
});

test('a prospect is made once', async () => {
  const attributes = { firstName: 'Ana', lastName: 'Álvarez', emails: ['Ana.Alvarez@customers.example'] };
  const account = { account: { data: { type: 'account', id: 1 } } };
  const made = await post('/prospects', prospect(attributes, account));
  expect([made.status, made.body.data]).toEqual([
    201,
    expect.objectContaining({ type: 'prospect', id: 7, attributes: expect.objectContaining({ firstName: 'Ana' }) }),
  ]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/prospects', prospect(attributes))));
  for (const { status, body } of answers) {
    expect([status, body.errors]).toEqual([
      422,
      [
        {
          id: 'validationDuplicateValueError',
          title: 'Validation Duplicate Value Error',
          detail: 'A Contact with this email_hash already exists.',
        },
      ],
    ]);
  }
});

test.each([
  ['a second member', 400, { type: 'prospect', attributes: {}, meta: {} }],
  ['its own id', 400, { type: 'prospect', id: 5 }],
  ['another type', 400, { type: 'prospects' }],
  ['no object', 400, []],
  ['an unknown attribute', 400, prospect({ optedOut: false })],
  ['an unknown relationship', 400, prospect({}, { owner: { data: { type: 'user', id: 1 } } })],
  ['an id that is text', 400, prospect({}, { account: { data: { type: 'account', id: '1' } } })],
  ['no such account', 422, prospect({}, { account: { data: { type: 'account', id: 999 } } })],
  ['emails that are none', 422, prospect({ emails: ['nobody'] })],
  ['emails in one text', 422, prospect({ emails: 'a@b.c' })],
  ['a name that is a number', 422, prospect({ firstName: 5 })],
])('a prospect with %s is refused', async (_what, status, data) => {
  const answer = await post('/prospects', data);
  expect([answer.status, answer.body.errors.length]).toEqual([status, 1]);
});

test('a prospect goes into a sequence once', async () => {
  const made = await post('/sequenceStates', enrol({ prospect: 1, sequence: 1, mailbox: 1 }));
  expect([made.status, made.body.data.attributes.state]).toEqual([201, 'active']);
  expect(made.body.data.relationships).toMatchObject({ prospect: { data: { id: 1 } }, sequence: { data: { id: 1 } } });
  const again = await post('/sequenceStates', enrol({ prospect: 1, sequence: 1, mailbox: 1 }));
  expect([again.status, again.body.errors[0]?.id]).toEqual([422, 'validationDuplicateValueError']);
  const listed = await get('/sequenceStates?filter[prospect][id]=1&filter[sequence][id]=1');
  expect(listed.body.data.map(({ id }) => id)).toEqual([made.body.data.id]);
  // One that came to its end may be begun anew.
  expect((await post('/sequenceStates', enrol({ prospect: 4, sequence: 2, mailbox: 1 }))).status).toBe(201);
});

test.each([
  ['no prospect', { sequence: 1, mailbox: 1 }, 'prospect', "can't be blank"],
  ['no mailbox', { prospect: 1, sequence: 1 }, 'mailbox', "can't be blank"],
  ['an unknown sequence', { prospect: 1, sequence: 99, mailbox: 1 }, 'sequence', 'must exist'],
  ['a private sequence of another', { prospect: 1, sequence: 6, mailbox: 1 }, 'sequence', 'must exist'],
  ['a disabled sequence', { prospect: 1, sequence: 3, mailbox: 1 }, 'sequence', 'not enabled'],
  ['a locked sequence', { prospect: 1, sequence: 4, mailbox: 1 }, 'sequence', 'locked'],
  ['a prospect who opted out', { prospect: 3, sequence: 1, mailbox: 1 }, 'prospect', 'opted out'],
  ['a mailbox of another user', { prospect: 1, sequence: 1, mailbox: 2 }, 'mailbox', 'another user'],
  ['a mailbox that cannot send', { prospect: 1, sequence: 1, mailbox: 4 }, 'mailbox', 'cannot send'],
])('with %s nothing happens', async (_what, ids, name, words) => {
  const { status, body } = await post('/sequenceStates', enrol(ids));
  expect([status, body.errors[0]?.id, body.errors[0]?.source?.pointer]).toEqual([
    422,
    'validationError',
    `/data/relationships/${name}`,
  ]);
  expect(body.errors[0]?.detail).toContain(words);
  expect((await get('/sequenceStates')).body.data).toHaveLength(2);
});

test('the limit is told; a cut connection has its effect or not', async () => {
  const { headers } = await get('/users');
  expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(10_000);
  expect(Number(headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
  const fault = { provider: 'outreach', pathPattern: '/sequenceStates$', times: 1 };
  const go = () => post('/sequenceStates', enrol({ prospect: 1, sequence: 1, mailbox: 1 }));
  await sandbox.control('POST', '/faults', { ...fault, drop: 'before' });
  await expect(go()).rejects.toThrow();
  expect((await get('/sequenceStates?filter[prospect][id]=1')).body.data).toHaveLength(0);
  await sandbox.control('POST', '/faults', { ...fault, drop: 'after' });
  await expect(go()).rejects.toThrow();
  expect((await get('/sequenceStates?filter[prospect][id]=1')).body.data).toHaveLength(1);
});
