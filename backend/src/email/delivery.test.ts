import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { json, MisbehavingServer } from '../../test/misbehaving-server.ts';
import { defaultProviderPolicy, ProviderTransport } from '../providers/transport.ts';
import { Secret } from '../vault/secret.ts';
import type { Delivery, OutgoingMail } from './delivery.ts';
import { gmail, gmailDelivery } from './gmail.ts';
import { graph, graphDelivery } from './graph.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const google = (code: number, reason: string, message = 'x') => ({
  error: { code, message, errors: [{ domain: 'usageLimits', reason, message }] },
});
const microsoft = (code: string) => ({ error: { code, message: 'x', innerError: {} } });

describe('what Gmail’s answers mean', () => {
  test.each<[string, ReturnType<typeof answer>, Delivery]>([
    ['a message with its id', answer(200, { id: 'a', threadId: 'a', labelIds: ['SENT'] }), { kind: 'accepted' }],
    ['a success that is no message', answer(200, '<html>'), { kind: 'unknown' }],
    ['401', answer(401, google(401, 'authError')), { kind: 'token_refused' }],
    [
      '429 with seconds',
      answer(429, google(429, 'rateLimitExceeded'), { 'retry-after': '7' }),
      { kind: 'limited', retryAfter: 7 },
    ],
    ['429 without', answer(429, ''), { kind: 'limited', retryAfter: 60 }],
    [
      '403 with the date in its message',
      answer(403, google(403, 'rateLimitExceeded', 'User-rate limit exceeded.  Retry after 2026-11-25T12:01:30.000Z')),
      { kind: 'limited', retryAfter: 90 },
    ],
    [
      '403 with a date that is over',
      answer(403, google(403, 'userRateLimitExceeded', 'Retry after 2020-01-01T00:00:00.000Z')),
      { kind: 'limited', retryAfter: 1 },
    ],
    ['403 of a day’s quota', answer(403, google(403, 'dailyLimitExceeded')), { kind: 'limited', retryAfter: 60 }],
    ['403 without the scope', answer(403, google(403, 'insufficientPermissions')), { kind: 'scope_missing' }],
    [
      '403 without the scope, told as detail',
      answer(403, { error: { details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] } }),
      { kind: 'scope_missing' },
    ],
    ['403 of a domain’s rule', answer(403, google(403, 'domainPolicy')), { kind: 'refused' }],
    ['400', answer(400, google(400, 'invalidArgument')), { kind: 'refused' }],
    ['413', answer(413, ''), { kind: 'refused' }],
    ['500', answer(500, ''), { kind: 'failed' }],
    ['503', answer(503, ''), { kind: 'failed' }],
    ['502 of a gateway', answer(502, '<html>'), { kind: 'unknown' }],
    ['504 of a gateway', answer(504, ''), { kind: 'unknown' }],
  ])('%s', (_name, given, wanted) => expect(gmailDelivery(given, NOW)).toEqual(wanted));
});

describe('what Graph’s answers mean', () => {
  test.each<[string, ReturnType<typeof answer>, Delivery]>([
    ['202', answer(202, ''), { kind: 'accepted' }],
    ['another success', answer(200, ''), { kind: 'unknown' }],
    ['401', answer(401, microsoft('InvalidAuthenticationToken')), { kind: 'token_refused' }],
    ['403 without the scope, or by a policy', answer(403, microsoft('ErrorAccessDenied')), { kind: 'access_denied' }],
    ['403 of another sender', answer(403, microsoft('ErrorSendAsDenied')), { kind: 'refused' }],
    ['404 without a mailbox', answer(404, microsoft('MailboxNotEnabledForRESTAPI')), { kind: 'no_mailbox' }],
    [
      '429',
      answer(429, microsoft('ApplicationThrottled'), { 'retry-after': '11' }),
      { kind: 'limited', retryAfter: 11 },
    ],
    [
      '429 with a date',
      answer(429, '', { 'retry-after': 'Wed, 25 Nov 2026 12:00:20 GMT' }),
      { kind: 'limited', retryAfter: 20 },
    ],
    ['400', answer(400, microsoft('ErrorInvalidRecipients')), { kind: 'refused' }],
    ['500', answer(500, ''), { kind: 'failed' }],
    ['504', answer(504, ''), { kind: 'unknown' }],
  ])('%s', (_name, given, wanted) => expect(graphDelivery(given, NOW)).toEqual(wanted));
});

describe('on the line', () => {
  const token = Secret.of('canary-token');
  const mail: OutgoingMail = {
    senderName: 'Robin Onesmith',
    to: { name: "Ána O'Ruíz", address: 'ana@c.example' },
    subject: 'Grüße 🎉',
    html: '<p>Hello</p>',
    text: 'Hello',
  };
  let server: MisbehavingServer;
  let transport: ProviderTransport;
  let asked: number;
  const asking = async (): Promise<void> => void (asked += 1);
  const deliverers = {
    gmail: (url: string) => gmail(transport, { api: url, userinfo: `${url}/v1/userinfo` }),
    outlook: (url: string) => graph(transport, url),
  };

  beforeEach(async () => {
    asked = 0;
    server = await MisbehavingServer.listen();
    transport = new ProviderTransport(defaultProviderPolicy);
  });
  afterEach(async () => {
    await transport.close();
    await server.close();
  });

  /** The sender is told; what is sent then meets `handler`. */
  async function sent(channel: 'gmail' | 'outlook', handler: MisbehavingServer['handler']): Promise<Delivery> {
    server.handler = (call, response) => {
      if (call.url === '/v1/userinfo') json(200, { sub: '1', email: 'rep@mail.example' })(call, response);
      else handler(call, response);
    };
    return deliverers[channel](server.url)(mail, token, asking);
  }

  test('Gmail gets one message from the connected account, Graph one JSON, both with the token in the header alone', async () => {
    expect(await sent('gmail', json(200, { id: 'a' }))).toEqual({ kind: 'accepted' });
    const [, posted] = server.seen;
    expect(posted).toMatchObject({ method: 'POST', url: '/gmail/v1/users/me/messages/send' });
    const { raw } = JSON.parse(posted?.body ?? '') as { raw: string };
    expect(Buffer.from(raw, 'base64url').toString('utf8')).toMatch(
      /^From: Robin Onesmith <rep@mail\.example>\r\nTo: =\?UTF-8\?/,
    );

    expect(await sent('outlook', (_call, response) => response.writeHead(202).end())).toEqual({ kind: 'accepted' });
    const graphed = server.seen.at(-1);
    expect(graphed?.url).toBe('/v1.0/me/sendMail');
    expect(JSON.parse(graphed?.body ?? '')).toEqual({
      message: {
        subject: 'Grüße 🎉',
        body: { contentType: 'HTML', content: '<p>Hello</p>' },
        toRecipients: [{ emailAddress: { name: "Ána O'Ruíz", address: 'ana@c.example' } }],
      },
      saveToSentItems: true,
    });
    expect(asked).toBe(2);
    for (const { url, body, headers } of server.seen) {
      expect(headers.authorization).toBe('Bearer canary-token');
      expect(url + body).not.toContain('canary-token');
    }
  });

  test.each(['gmail', 'outlook'] as const)(
    '%s: a line that is cut, a silence and a redirect leave it unknown, once',
    async (channel) => {
      await transport.close();
      transport = new ProviderTransport({ ...defaultProviderPolicy, headersTimeoutMs: 1_500, totalTimeoutMs: 3_000 });
      for (const handler of [
        (_call: unknown, response: { destroy(): unknown }) => void response.destroy(),
        () => undefined,
        (_call: unknown, response: { writeHead(status: number, headers: object): { end(): unknown } }) =>
          void response.writeHead(307, { location: `${server.url}/elsewhere` }).end(),
      ] as MisbehavingServer['handler'][]) {
        const before = server.seen.length;
        expect(await sent(channel, handler)).toEqual({ kind: 'unknown' });
        expect(server.seen.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(1);
        expect(server.seen.some(({ url }) => url === '/elsewhere')).toBe(false);
      }
    },
  );

  test.each(['gmail', 'outlook'] as const)(
    '%s: where nobody listens it failed, and nothing was sent',
    async (channel) => {
      const gone = await MisbehavingServer.listen();
      const { url } = gone;
      await gone.close();
      expect(await deliverers[channel](url)(mail, token, asking)).toEqual({ kind: 'failed' });
    },
  );

  test('Gmail is not asked to send where Google does not say whose account it is', async () => {
    for (const [status, body, kind] of [
      [200, { sub: '1' }, 'failed'],
      [200, { sub: '1', email: 'a@b.example\r\nBcc: x@y.example' }, 'failed'],
      [401, {}, 'token_refused'],
      [429, {}, 'limited'],
      [500, {}, 'failed'],
    ] as const) {
      server.handler = json(status, body);
      const delivery = await deliverers.gmail(server.url)(mail, token, asking);
      expect([status, delivery.kind]).toEqual([status, kind]);
    }
    expect(asked).toBe(0);
    expect(server.seen.every(({ url }) => url === '/v1/userinfo')).toBe(true);
  });
});
