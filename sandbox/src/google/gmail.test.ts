import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { repOne, repTwo, TestSandbox } from '../testing/browser.ts';
import { Dance, readJson } from '../testing/dance.ts';
import { gmailSend } from './scopes.ts';

let sandbox: TestSandbox;
let google: Dance;
let token: string;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  google = new Dance(sandbox, {
    provider: 'google',
    authorize: '/o/oauth2/v2/auth',
    token: '/token',
    ask: { scope: `openid email ${gmailSend}` },
  });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  token = (await google.signIn()).access_token;
});

const path = '/gmail/v1/users/me/messages/send';
const head = [`From: Robin Onesmith <${repOne}>`, 'To: "Last, First" <ana@customers.example>', 'Subject: Hello'];

/** A message of these lines, in base64url. */
const raw = (...lines: string[]) => Buffer.from(lines.join('\r\n')).toString('base64url');

async function send(body: unknown, accessToken: string | undefined = token, type?: string) {
  return readJson<{ error: { code: number; message: string; errors: Record<string, string>[] } }>(
    await google.send(path, accessToken, body, type),
  );
}

const mails = async () => (await sandbox.control<{ rows: unknown[] }>('GET', '/mail')).rows;

test('a message is accepted and kept as it was handed in', async () => {
  const message = [...head, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', 'Grüße', '']; // prettier-ignore
  const answer = await readJson(await google.send(path, token, { raw: raw(...message) }));
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    threadId: answer.body.id,
    labelIds: ['SENT'],
  });
  expect(await mails()).toEqual([{ provider: 'google', username: repOne, raw: message.join('\r\n') }]);
});

test('a multipart message with encoded words, folded lines and a file is accepted', async () => {
  const message = raw(
    `From: =?UTF-8?Q?J=C3=BCrgen?= <${repOne}>`,
    'To: a@customers.example,',
    ' "B, C" <b@customers.example>',
    'Subject: =?UTF-8?B?R3LDvMOfZQ==?=',
    'Content-Type: multipart/alternative; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=C3=BC=C3=9Fe',
    '--b1',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    'PHA+SGk8L3A+',
    '--b1--',
    '',
  );
  expect((await send({ raw: message })).status).toBe(200);
});

test.each([
  ['a bare LF', raw(head.join('\n'), '', 'Hi'), 'Bare LF in message'],
  ['a bare CR', raw(...head, '', 'a\rb'), 'Bare CR in message'],
  ['a raw umlaut in a header', raw(...head.slice(0, 2), 'Subject: Grüße', '', 'Hi'), 'Non-ASCII character in header'],
  ['no To', raw(`From: ${repOne}`, 'Subject: x', '', 'Hi'), 'Recipient address required'],
  ['an empty To', raw(`From: ${repOne}`, 'To:', '', 'Hi'), 'Recipient address required'],
  ['a To without domain', raw(`From: ${repOne}`, 'To: ana', '', 'Hi'), 'Invalid To header'],
  ['no From', raw('To: a@customers.example', '', 'Hi'), 'Missing from header'],
  ['two Froms', raw(head[0] ?? '', ...head, '', 'Hi'), 'Multiple From headers'],
  ['a From of somebody else', raw(`From: ${repTwo}`, ...head.slice(1), '', 'Hi'), 'Invalid From header'],
  ['an unquoted comma in a name', raw(`From: Onesmith, Robin <${repOne}>`, ...head.slice(1), '', 'Hi'), 'Invalid From header'],
  ['a broken encoded word', raw(...head.slice(0, 2), 'Subject: =?UTF-8?B?x y?=', '', 'Hi'), 'Malformed encoded word in Subject header'],
  ['no end of headers', raw(...head), 'Missing end of headers'],
  ['a header without colon', raw(...head, 'nonsense', '', 'Hi'), 'Malformed header'],
  ['an 8-bit body that says nothing', raw(...head, '', 'Grüße'), '8-bit body without encoding'],
  ['a line of 999 octets', raw(...head, '', 'x'.repeat(999)), 'Line too long'],
  ['a multipart that never ends', raw(...head, 'Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'Hi'), 'Multipart without end'],
  ['standard base64', raw(...head, '', '???>>>').replace(/$/, '+/'), 'Invalid value for ByteString'],
  ['nothing', '', "'raw' RFC822 payload message string or uploading message via /upload/* URL required"],
])('%s is refused', async (_what, message, sentence) => {
  const { status, body } = await send({ raw: message });
  expect([status, body.error]).toEqual([400, expect.objectContaining({ code: 400, message: sentence })]);
  expect(await mails()).toEqual([]);
}); // prettier-ignore

test('bad calls get the error bodies of Google', async () => {
  const invalid = {
    error: {
      code: 401,
      message: 'Invalid Credentials',
      errors: [
        { domain: 'global', reason: 'authError', message: 'Invalid Credentials', locationType: 'header', location: 'Authorization' },
      ],
    },
  }; // prettier-ignore
  const good = { raw: raw(...head, '', 'Hi') };
  for (const bad of ['guessed', `${token}x`])
    expect(await send(good, bad)).toMatchObject({ status: 401, body: invalid });
  expect((await google.send(path, undefined, good)).status).toBe(401);
  const basic = (await google.signIn({}, { boxes: 'shown' })).access_token;
  const refused = await send(good, basic);
  expect([refused.status, refused.body.error.errors[0]?.reason]).toEqual([403, 'insufficientPermissions']);
  expect((await send('{', token)).body.error.errors[0]?.reason).toBe('parseError');
  expect((await send(good, token, 'text/plain')).status).toBe(400);
  expect((await google.send('/gmail/v1/users/rep.two@demo.example/messages/send', token, good)).status).toBe(403);
  expect((await google.get('/gmail/v1/users/me/messages', token)).status).toBe(404);
});

test('a quota is a fault; a connection cut before leaves no mail, one cut after leaves one', async () => {
  const good = { raw: raw(...head, '', 'Hi') };
  const fault = { provider: 'google', pathPattern: '/messages/send$', times: 1 };
  const quota = {
    error: { code: 403, message: 'User-rate limit exceeded.', errors: [{ reason: 'userRateLimitExceeded' }] },
  };
  await sandbox.control('POST', '/faults', { ...fault, status: 403, body: quota });
  expect(await send(good)).toMatchObject({ status: 403, body: quota });
  await sandbox.control('POST', '/faults', { ...fault, drop: 'before' });
  await expect(send(good)).rejects.toThrow();
  expect(await mails()).toHaveLength(0);
  await sandbox.control('POST', '/faults', { ...fault, drop: 'after' });
  await expect(send(good)).rejects.toThrow();
  expect(await mails()).toHaveLength(1);
});
