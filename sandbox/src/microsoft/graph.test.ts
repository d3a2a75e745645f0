import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { repOne, TestSandbox } from '../testing/browser.ts';
import { Dance, readJson } from '../testing/dance.ts';

let sandbox: TestSandbox;
let microsoft: Dance;
let token: string;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  microsoft = new Dance(sandbox, {
    provider: 'microsoft',
    authorize: '/common/oauth2/v2.0/authorize',
    token: '/common/oauth2/v2.0/token',
    ask: { scope: 'openid User.Read Mail.Send' },
  });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  token = (await microsoft.signIn()).access_token;
});

const to = [{ emailAddress: { address: 'ana@customers.example', name: 'Ana' } }];
const message = { subject: 'Grüße', body: { contentType: 'HTML', content: '<p>Hi</p>' }, toRecipients: to };
const send = async (body: unknown, accessToken: string | undefined = token, type?: string) =>
  readJson<{ error: { code: string; message: string; innerError: Record<string, string> } }>(
    await microsoft.send('/v1.0/me/sendMail', accessToken, body, type),
  );
const mails = async () => (await sandbox.control<{ rows: unknown[] }>('GET', '/mail')).rows;

test('a mail is accepted without a word and kept as it came', async () => {
  const raw = JSON.stringify({ message, saveToSentItems: true });
  const answer = await microsoft.send('/v1.0/me/sendMail', token, raw);
  expect([answer.status, await answer.text()]).toEqual([202, '']);
  expect(await mails()).toEqual([{ provider: 'microsoft', username: repOne, raw }]);
});

test.each([
  ['no message', {}, 400, 'ErrorInvalidParameter'],
  ['no recipient', { message: { ...message, toRecipients: [] } }, 400, 'ErrorInvalidRecipients'],
  ['a recipient that is none', { message: { ...message, toRecipients: [{ emailAddress: { address: 'ana' } }] } }, 400, 'ErrorInvalidRecipients'],
  ['recipients that are no list', { message: { ...message, toRecipients: to[0] } }, 400, 'RequestBodyRead'],
  ['a property that Graph lacks', { message: { ...message, html: '' } }, 400, 'RequestBodyRead'],
  ['another content type', { message: { ...message, body: { contentType: 'text/html', content: '' } } }, 400, 'RequestBodyRead'],
  ['a subject that is a number', { message: { ...message, subject: 5 } }, 400, 'RequestBodyRead'],
  ['a flag that is text', { message, saveToSentItems: 'true' }, 400, 'RequestBodyRead'],
  ['another sender', { message: { ...message, from: { emailAddress: { address: 'rep.two@demo.example' } } } }, 403, 'ErrorSendAsDenied'],
  ['broken JSON', '{', 400, 'RequestBodyRead'],
])('%s is refused', async (_what, body, status, code) => {
  const answer = await send(body);
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(await mails()).toEqual([]);
}); // prettier-ignore

test('bad tokens and narrow ones get the bodies of Graph', async () => {
  const guessed = await send({ message }, 'guessed');
  expect([guessed.status, guessed.body.error]).toEqual([
    401,
    {
      code: 'InvalidAuthenticationToken',
      message: expect.any(String),
      innerError: {
        date: expect.any(String),
        'request-id': expect.any(String),
        'client-request-id': expect.any(String),
      },
    },
  ]);
  expect((await microsoft.get('/v1.0/me')).status).toBe(401);
  const reading = (await microsoft.signIn({ scope: 'openid User.Read' })).access_token;
  const refused = await send({ message }, reading);
  expect([refused.status, refused.body.error.code]).toEqual([403, 'ErrorAccessDenied']);
  const sending = (await microsoft.signIn({ scope: 'Mail.Send' })).access_token;
  expect((await microsoft.get('/v1.0/me', sending)).status).toBe(403);
  expect((await send({ message }, token, 'text/html')).status).toBe(415);
  expect((await microsoft.get('/v1.0/me/messages', token)).status).toBe(404);
});

test('throttling is a fault; a connection cut before leaves no mail, one cut after leaves one', async () => {
  const fault = { provider: 'microsoft', pathPattern: '/sendMail$', times: 1 };
  await sandbox.control('POST', '/faults', { ...fault, status: 429, headers: { 'retry-after': '7' }, body: {} });
  const throttled = await send({ message });
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
  await sandbox.control('POST', '/faults', { ...fault, drop: 'before' });
  await expect(send({ message })).rejects.toThrow();
  expect(await mails()).toHaveLength(0);
  await sandbox.control('POST', '/faults', { ...fault, drop: 'after' });
  await expect(send({ message })).rejects.toThrow();
  expect(await mails()).toHaveLength(1);
});
