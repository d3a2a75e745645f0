import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from './connect.ts';
import { startStack, until, type Backend, type Stack } from './harness.ts';
import { Correspondence, freshKey } from './sending-stack.ts';
import { textOf, type Answer, type Json, type RepClient } from './sign-in.ts';

/** Mails through the real routes, the real popup and the stand-ins of Gmail and Graph, from two processes. */
const REP = 'rep.one@demo.example';

let stack: Stack;
let second: Backend;
let write: Correspondence;
let rep: RepClient;
let admin: RepClient;
let accountId: string;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '60', RATE_LIMIT_PER_MINUTE: '100000' });
  second = await stack.addBackend();
  write = new Correspondence(stack);
  [rep, admin] = [await stack.signIn(REP), await stack.signIn('admin@demo.example')];
  accountId = await write.account({ Name: 'Quokka & Co' });
  for (const provider of ['gmail', 'outlook'] as const) expect((await connect(rep, provider)).status).toBe(200);
}, 240_000);
afterAll(() => stack.close());

const SEND = { gmail: '/gmail/v1/users/me/messages/send', outlook: '/v1.0/me/sendMail' } as const;
const STAND_IN = { gmail: 'google', outlook: 'microsoft' } as const;
const CHANNELS = ['gmail', 'outlook'] as const;

const problem = ({ status, body }: Answer): unknown => [status, body.error?.code];
const mailsTo = async (address: string): Promise<readonly string[]> =>
  (await stack.sandbox.mail()).map(({ raw }) => raw).filter((raw) => raw.includes(address));

async function activityOf(contactId: string, by = rep): Promise<readonly Json[]> {
  return (await by.get(`/v1/activity?contactId=${contactId}`)).body.rows as unknown as readonly Json[];
}

const outcomes = async (contactId: string): Promise<unknown> =>
  (await activityOf(contactId)).map(({ outcome }) => outcome);

describe.each(CHANNELS)('a mail through %s', (channel) => {
  test('is accepted by the provider, from the connected account, and only that is kept', async () => {
    const contactId = await write.contact(accountId, { FirstName: 'Ána', Email: `to.${channel}@c.example` });
    const html = '<p>Grüße 🎉</p><script>x()</script><img src="https://t.example/p.gif">';
    const answer = await write.send(rep, { contactId, accountId, channel, subject: 'שלום 株式会社', html });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^act_/),
      state: 'accepted',
      stored: { accountId, contactId, repId: rep.user.id, channel, at: expect.any(String), outcome: 'accepted' },
      task: 'none',
    });
    const [mail] = (await stack.sandbox.mail()).filter(({ provider }) => provider === STAND_IN[channel]);
    expect(mail?.username).toBe(REP);
    if (channel === 'gmail') expect(mail?.raw).toMatch(/^From: Robin Onesmith <rep\.one@demo\.example>\r$/m);
    expect(mail?.raw).toContain(`to.${channel}@c.example`);
    expect(mail?.raw).not.toMatch(/<script|<img|t\.example/);
    expect(await activityOf(contactId)).toEqual([
      {
        ...{ id: answer.body.id, at: answer.body.stored?.at, channel, outcome: 'accepted' },
        account: { id: accountId, name: 'Quokka & Co', deleted: false },
        contact: { id: contactId, name: 'Ána Ruiz', deleted: false },
      },
    ]);
    expect((await rep.get(`/v1/contacts/${contactId}`)).body.contact?.lastSentAt).toBe(answer.body.stored?.at);
  });

  test('is sent once for a key, in whichever process, and answered alike', async () => {
    const contactId = await write.contact(accountId, { Email: `once.${channel}@c.example` });
    const key = freshKey();
    const there = rep.at(second.url);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => write.send(index % 2 === 0 ? rep : there, { contactId, channel }, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await mailsTo(`once.${channel}@c.example`)).toHaveLength(1);
    const changed = await write.send(rep, { contactId, channel, subject: 'Another', html: '<p>x</p>' }, key);
    expect(changed.body).toEqual(answers[0]?.body);
    const other = await write.contact(accountId);
    expect(problem(await write.send(there, { contactId: other, channel }, key))).toEqual([422, 'idempotency_mismatch']);
    const elsewhere = channel === 'gmail' ? 'outlook' : 'gmail';
    expect(problem(await write.send(rep, { contactId, channel: elsewhere }, key))).toEqual([
      422,
      'idempotency_mismatch',
    ]);
  });

  test.each(['before', 'after'] as const)('whose line is cut %s the effect is unknown, and stays so', async (drop) => {
    const contactId = await write.contact(accountId, { Email: `cut.${drop}.${channel}@c.example` });
    const key = freshKey();
    await stack.sandbox.fault({ pathPattern: SEND[channel], times: 1, drop }, STAND_IN[channel]);
    const first = await write.send(rep, { contactId, channel }, key);
    expect([first.status, first.body.state, first.body.stored?.outcome]).toEqual([200, 'unknown', 'unknown']);
    expect(first.body.task).toBeUndefined();
    expect((await write.send(rep.at(second.url), { contactId, channel }, key)).body).toEqual(first.body);
    expect(await mailsTo(`cut.${drop}.${channel}@c.example`)).toHaveLength(drop === 'after' ? 1 : 0);
    expect(await outcomes(contactId)).toEqual(['unknown']);
  });

  test('that the provider does not take now says when to try again, and the key keeps its answer', async () => {
    const contactId = await write.contact(accountId);
    const key = freshKey();
    const limit = { pathPattern: SEND[channel], times: 1, status: 429, headers: { 'retry-after': '7' }, body: {} };
    await stack.sandbox.fault(limit, STAND_IN[channel]);
    const answer = await write.send(rep, { contactId, channel }, key);
    expect([problem(answer), answer.headers.get('retry-after')]).toEqual([[429, 'provider_limit'], '7']);
    expect(problem(await write.send(rep, { contactId, channel }, key))).toEqual([429, 'provider_limit']);
    expect(await outcomes(contactId)).toEqual(['refused']);
    expect((await write.send(rep, { contactId, channel })).status).toBe(201);
  });

  test('that is refused, or not sent, says so and is listed', async () => {
    const contactId = await write.contact(accountId);
    for (const [status, wanted] of [
      [400, [422, 'provider_refused']],
      [503, [503, 'provider_unavailable']],
      [504, [200, undefined]],
    ] as const) {
      await stack.sandbox.fault({ pathPattern: SEND[channel], times: 1, status, body: {} }, STAND_IN[channel]);
      const key = freshKey();
      expect(problem(await write.send(rep, { contactId, channel }, key))).toEqual(wanted);
      expect(problem(await write.send(rep, { contactId, channel }, key))).toEqual(wanted);
    }
    expect(await outcomes(contactId)).toEqual(['unknown', 'failed', 'refused']);
  });

  test('with a token that is over is sent after a refresh, once', async () => {
    const contactId = await write.contact(accountId, { Email: `stale.${channel}@c.example` });
    await stack.sandbox.tokens(REP, 'expire', STAND_IN[channel]);
    expect((await write.send(rep, { contactId, channel })).status).toBe(201);
    expect(await mailsTo(`stale.${channel}@c.example`)).toHaveLength(1);
  });
});

test('names with line breaks, right-to-left and emoji add no header, and a mail may be without a subject', async () => {
  const evil = {
    FirstName: 'Ana\r\nBcc: victim@d.example',
    LastName: 'רות 🎉\r\n\r\n<script>',
    Email: 'names@c.example',
  };
  const contactId = await write.contact(accountId, evil);
  for (const channel of CHANNELS)
    expect((await write.send(rep, { contactId, channel, subject: '' })).body.state).toBe('accepted');
  const [raw = '', graph = ''] = await mailsTo('names@c.example');
  const head = raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n');
  expect(head.filter((line) => /^(?:bcc|cc|victim|<script)/i.test(line))).toEqual([]);
  expect(head.filter((line) => line.startsWith('To: '))).toHaveLength(1);
  const { message } = JSON.parse(graph) as { message: { subject: string; toRecipients: object[] } };
  expect(message).toMatchObject({ subject: '', toRecipients: [{ emailAddress: { address: 'names@c.example' } }] });
  expect(Object.keys(message)).not.toContain('bccRecipients');
  expect(message.toRecipients).toHaveLength(1);
  expect(JSON.stringify(message.toRecipients)).not.toMatch(/\\[rn]/);
});

test('Gmail’s 403 with a date in its words is obeyed', async () => {
  const contactId = await write.contact(accountId);
  const at = Date.now() + 90_000;
  const message = `User-rate limit exceeded.  Retry after ${new Date(at).toISOString()}`;
  const body = { error: { code: 403, message, errors: [{ reason: 'rateLimitExceeded', message }] } };
  await stack.sandbox.fault({ pathPattern: SEND.gmail, times: 1, status: 403, body }, 'google');
  const answer = await write.send(rep, { contactId });
  expect(problem(answer)).toEqual([429, 'provider_limit']);
  const retryAfter = Number(answer.headers.get('retry-after'));
  expect(retryAfter).toBeLessThanOrEqual(91);
  expect(retryAfter).toBeGreaterThanOrEqual((at - Date.now()) / 1_000 - 1);
});

describe('nothing is sent', () => {
  test.each<[string, object, string[]]>([
    ['who opted out', { HasOptedOutOfEmail: true }, ['opted_out']],
    ['whose mails bounce', { EmailBouncedDate: '2026-11-01T00:00:00.000+0000' }, ['bounced']],
    ['without an address', { Email: null }, ['no_email']],
  ])('to somebody %s, and the key stays free', async (_who, fields, reasons) => {
    const contactId = await write.contact(accountId, fields);
    const key = freshKey();
    const answer = await write.send(rep, { contactId }, key);
    expect([problem(answer), answer.body.error?.reasons]).toEqual([[422, 'cannot_email'], reasons]);
    expect(await outcomes(contactId)).toEqual([]);
    const cured = { Id: contactId, HasOptedOutOfEmail: false, EmailBouncedDate: null, Email: 'ok@c.example' };
    await stack.sandbox.upsert('Contact', [cured]);
    expect((await write.send(rep, { contactId }, key)).status).toBe(201);
  });

  test('to a contact of another account, one that is gone, hidden, or no contact', async () => {
    const other = await write.account();
    const contactId = await write.contact(accountId);
    const mismatch = await write.send(rep, { contactId, accountId: other });
    expect([problem(mismatch), mismatch.body.error?.field]).toEqual([[422, 'account_mismatch'], 'accountId']);
    await stack.sandbox.delete('Contact', [contactId]);
    expect(problem(await write.send(rep, { contactId }))).toEqual([404, 'not_found']);
    const hidden = await write.contact(await write.account({ $visibleTo: [] }));
    expect(problem(await write.send(rep, { contactId: hidden }))).toEqual([404, 'not_found']);
    const wrong = await write.send(rep, { contactId: accountId });
    expect([wrong.status, wrong.body.error?.field, wrong.body.error?.rule]).toEqual([400, 'contactId', 'crm_id']);
  });

  test.each<[string, object, string, string]>([
    ['a header in the subject', { subject: 'x\r\nBcc: a@b.example' }, 'subject', 'single_line'],
    ['a subject without end', { subject: 'x'.repeat(256) }, 'subject', 'max_length'],
    ['HTML without text', { html: '<img src="https://t.example/p.gif">' }, 'html', 'empty'],
    ['too much HTML', { html: 'x'.repeat(262_145) }, 'html', 'max_length'],
    ['too many tags', { html: `${'<b>'.repeat(10_001)}x` }, 'html', 'max_tags'],
    ['a sender', { from: 'ceo@c.example' }, 'from', 'unknown'],
    ['another recipient', { cc: 'x@c.example' }, 'cc', 'unknown'],
    ['an address to answer to', { replyTo: 'x@c.example' }, 'replyTo', 'unknown'],
    ['a channel of nobody', { channel: 'outreach' }, 'channel', 'enum'],
    ['a flag that is a text', { logToSalesforce: 'true' }, 'logToSalesforce', 'type'],
  ])('with %s', async (_what, change, field, rule) => {
    const contactId = await write.contact(accountId);
    const answer = await write.send(rep, { contactId, ...change });
    expect([answer.status, answer.body.error?.field, answer.body.error?.rule]).toEqual([400, field, rule]);
  });

  test('with a body of 1 MB, or a key that is none', async () => {
    const contactId = await write.contact(accountId);
    expect(problem(await write.send(rep, { contactId, html: 'x'.repeat(1_048_576) }))).toEqual([413, 'body_too_large']);
    for (const key of ['ana@customers.example.com', 'short', 'x'.repeat(65), 'with space and more letters']) {
      const answer = await write.send(rep, { contactId }, key);
      expect([answer.status, answer.body.error?.field]).toEqual([400, 'idempotency-key']);
    }
    const without = await rep.post('/v1/emails', { contactId, channel: 'gmail', subject: 'x', html: 'x' });
    expect(without.body.error).toMatchObject({ field: 'idempotency-key', rule: 'required' });
    expect(await outcomes(contactId)).toEqual([]);
  });

  test('without a connection, with a dead one, or without the scope: the rep is told to reconnect', async () => {
    const contactId = await write.contact(accountId);
    const lonely = await stack.signIn('rep.two@demo.example');
    const key = freshKey();
    const missing = await write.send(lonely, { contactId }, key);
    expect([problem(missing), missing.body.error?.action]).toEqual([[409, 'not_connected'], 'reconnect']);
    expect((await connect(lonely, 'gmail')).status).toBe(200);
    const body = { error: { code: 403, errors: [{ reason: 'insufficientPermissions' }] } };
    await stack.sandbox.fault({ pathPattern: SEND.gmail, times: 1, status: 403, body }, 'google');
    const scope = await write.send(lonely, { contactId }, key);
    expect([problem(scope), scope.body.error?.action]).toEqual([[409, 'scope_missing'], 'reconnect']);
    await stack.sandbox.tokens('rep.two@demo.example', 'revoke', 'google');
    const dead = await write.send(lonely, { contactId }, key);
    expect([dead.status, dead.body.error?.action]).toEqual([409, 'reconnect']);
    expect((await connect(lonely, 'gmail')).status).toBe(200);
    expect((await write.send(lonely, { contactId }, key)).status).toBe(201);
    // The key of one rep is nothing to another, nor is their trail.
    expect((await write.send(rep, { contactId: await write.contact(accountId) }, key)).status).toBe(201);
    expect(await outcomes(contactId)).toEqual([]);
    expect(await activityOf(contactId, lonely)).toHaveLength(1);
  });
});

describe('as the org’s admin says', () => {
  test('the footer is under each mail, filled for its contact, and without it none goes out', async () => {
    const footer = await write.template({ HtmlValue: '<p>Demo Org for {!Contact.LastName}</p>', Body: 'Demo Org.' });
    await write.save(admin, { mailFooterTemplateId: footer });
    const contactId = await write.contact(accountId, { Email: 'foot@c.example', LastName: 'Foot' });
    expect((await write.send(rep, { contactId, channel: 'outlook' })).status).toBe(201);
    expect((await mailsTo('foot@c.example'))[0]).toContain('Demo Org for Foot');
    await stack.sandbox.upsert('EmailTemplate', [{ Id: footer, IsActive: false }]);
    expect(problem(await write.send(rep, { contactId }))).toEqual([409, 'footer_missing']);
    await write.save(admin, { mailFooterTemplateId: null });
  });

  test('a Task is written in Salesforce: asked, always or never, once for a key, and its failure is told', async () => {
    const contactId = await write.contact(accountId);
    const tasks = async (): Promise<number> =>
      (await stack.sandbox.records('Task')).filter(({ WhoId }) => WhoId === contactId).length;
    const sent = async (body: object, key?: string): Promise<unknown> =>
      (await write.send(rep, { contactId, subject: 'About 🎉', ...body }, key)).body.task;
    expect(await sent({})).toBe('none');
    const key = freshKey();
    expect(await sent({ logToSalesforce: true }, key)).toBe('created');
    expect(await sent({ logToSalesforce: true }, key)).toBe('created');
    expect(await tasks()).toBe(1);
    const [task] = (await stack.sandbox.records('Task')).filter(({ WhoId }) => WhoId === contactId);
    expect(task).toMatchObject({
      Subject: 'Email: About 🎉',
      Status: 'Completed',
      TaskSubtype: 'Email',
      WhatId: accountId,
    });
    await write.save(admin, { logSendsToSalesforce: 'always' });
    expect(await sent({})).toBe('created');
    await stack.sandbox.access(REP, 'Task', { create: false });
    expect(await sent({})).toBe('failed');
    await stack.sandbox.access(REP, 'Task', { create: true });
    // What keeps Tasks from being made in most orgs: the admin's own rule.
    const rule = [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Say why', fields: [] }];
    await stack.sandbox.fault({ pathPattern: '/sobjects/Task', times: 1, status: 400, body: rule });
    expect(await sent({})).toBe('failed');
    await stack.sandbox.fault({ pathPattern: '/sobjects/Task', times: 1, drop: 'after' });
    expect(await sent({})).toBe('unknown');
    await write.save(admin, { logSendsToSalesforce: 'never' });
    expect(await sent({ logToSalesforce: true })).toBe('none');
    expect(await tasks()).toBe(3);
    await write.save(admin, { logSendsToSalesforce: 'ask' });
  });

  test('a channel that is off sends nothing, and a day has its number of mails in all processes', async () => {
    const contactId = await write.contact(accountId);
    await write.save(admin, { channels: { gmail: false, outlook: true, outreach: true } });
    const off = await write.send(rep, { contactId });
    expect(problem(off)).toEqual([422, 'channel_off']);
    expect(off.body.error?.message).toContain('does not use Gmail with OneShot');
    await write.save(admin, { channels: { gmail: true, outlook: true, outreach: true }, sendsPerRepAndDay: 3 });
    // Who has sent one already: what was refused before does not count.
    const busy = await stack.signIn('rep.two@demo.example');
    await until('both processes know', async () => {
      const { body } = await admin.at(second.url).get('/v1/settings');
      return (body.settings?.sendsPerRepAndDay as unknown) === 3;
    });
    const key = freshKey();
    expect((await write.send(busy, { contactId }, key)).status).toBe(201);
    expect((await write.send(busy.at(second.url), { contactId })).status).toBe(201);
    const limited = await write.send(busy, { contactId });
    expect(problem(limited)).toEqual([429, 'daily_limit']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await write.send(busy, { contactId }, key)).status).toBe(201);
    await write.save(admin, { sendsPerRepAndDay: 2_000 });
  });
});

describe('the trail', () => {
  test('names are live, and who is deleted shows as such', async () => {
    const account = await write.account({ Name: 'Old name' });
    const contactId = await write.contact(account, { LastName: 'Old' });
    expect((await write.send(rep, { contactId })).status).toBe(201);
    await stack.sandbox.upsert('Account', [{ Id: account, Name: 'New name' }]);
    const byAccount = (await rep.get(`/v1/activity?accountId=${account}`)).body.rows as unknown as Json[];
    expect(byAccount[0]?.account).toEqual({ id: account, name: 'New name', deleted: false });
    await stack.sandbox.delete('Contact', [contactId]);
    const [row] = await activityOf(contactId);
    expect(row?.contact).toEqual({ id: contactId, name: null, deleted: true });
    expect(row?.account).toEqual({ id: account, name: 'New name', deleted: false });
  });

  test('is in pages whose cursor holds nothing of the CRM, and nothing else is taken for one', async () => {
    const first = (await rep.get('/v1/activity')).body;
    expect((first.rows as unknown as Json[]).length).toBeGreaterThan(20);
    for (const query of [
      'cursor=x',
      `cursor=${Buffer.from('1.act_x').toString('base64url')}`,
      'contactId=003',
      'repId=x',
    ])
      expect([query, (await rep.get(`/v1/activity?${query}`)).status]).toEqual([query, 400]);
    expect(textOf((first.rows as unknown as Json[])[0]?.at)).toMatch(/Z$/);
  });
});

test('a provider that redirects is not followed', async () => {
  const contactId = await write.contact(accountId);
  const location = `${stack.sandbox.url}/google/gmail/v1/users/me/elsewhere`;
  await stack.sandbox.fault(
    { pathPattern: SEND.gmail, times: 1, status: 307, headers: { location }, body: '' },
    'google',
  );
  expect((await write.send(rep, { contactId })).body.state).toBe('unknown');
  expect((await stack.sandbox.requests('google')).some(({ path }) => path.endsWith('/elsewhere'))).toBe(false);
});
