import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { until } from '../../test/harness.ts';
import { sendRaw, startTiny, type Tiny } from '../../test/tiny.ts';
import { abortSignal } from './abort.ts';
import { CrmId } from './crm-id.ts';
import { ProblemError } from './problem.ts';
import { Exact, Words } from './schema.ts';

const PAGE = 'https://acme.lightning.force.com';
let tiny: Tiny;
/** How often the slow route was begun, and how it ended last: `served`, or `aborted`. */
let slowBegun = 0;
let slowEnd = '';
/** What the slow route takes. */
let slowMs = 0;

beforeAll(async () => {
  tiny = await startTiny((app) => {
    const query = Exact({
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      ratio: Type.Optional(Type.Number()),
      partial: Type.Optional(Type.Boolean()),
      search: Type.Optional(Type.String({ maxLength: 20 })),
      sort: Type.Optional(Words(['arr', 'name'])),
      industry: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 3 })),
    });
    const body = Exact({
      name: Type.String({ maxLength: 10 }),
      count: Type.Optional(Type.Integer()),
      deep: Type.Optional(Exact({ flag: Type.Boolean() })),
    });
    app.get('/v1/echo', { schema: { querystring: query } }, async (request) => request.query);
    app.post('/v1/echo', { schema: { body } }, async (request) => ({ got: request.body }));
    app.get(
      '/v1/things/:id',
      { schema: { params: Exact({ id: CrmId('account') }) } },
      async (request) => request.params,
    );
    app.get('/v1/plain', async () => ({ ok: true }));
    app.post('/v1/plain', async (_request, reply) => reply.code(204).send());
    app.get('/v1/conflict', async () => {
      throw new ProblemError({ status: 409, code: 'taken', message: 'Taken.', retryAfter: 1.2, reasons: ['one'] });
    });
    app.get('/v1/bug', async () => {
      throw new TypeError('Canary Ltd has a secret');
    });
    app.get('/v1/throws-text', async () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a dependency might
      throw 'Canary Ltd';
    });
    app.post('/v1/slow', { schema: { body } }, async (request) => {
      const signal = abortSignal(request);
      slowBegun += 1;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, slowMs);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
      slowEnd = signal.aborted ? 'aborted' : 'served';
      return {};
    });
  });
});
afterAll(() => tiny.close());

interface ErrorBody {
  readonly code: string;
  readonly field?: string;
  readonly rule?: string;
  readonly message: string;
  readonly requestId: string;
}

async function errorOf(answer: Response): Promise<ErrorBody> {
  return ((await answer.json()) as { error: ErrorBody }).error;
}

const postRaw = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${tiny.url}/v1/echo`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

test('a query number becomes a number, a list a list, and what is left out its default', async () => {
  const answer = await fetch(`${tiny.url}/v1/echo?ratio=-0.5&partial=true&industry=a&search=12`);
  expect(await answer.json()).toEqual({ limit: 50, ratio: -0.5, partial: true, industry: ['a'], search: '12' });
});

describe('a query that is wrong is refused with its field and rule', () => {
  test.each([
    ['limit=0', 'limit', 'minimum'],
    ['limit=201', 'limit', 'maximum'],
    ['limit=1.5', 'limit', 'type'],
    ['limit=', 'limit', 'type'],
    ['limit=ten', 'limit', 'type'],
    ['limit=0x10', 'limit', 'type'],
    ['limit=1e2', 'limit', 'type'],
    ['limit=%2010', 'limit', 'type'],
    ['limit=+10', 'limit', 'type'],
    ['limit=Infinity', 'limit', 'type'],
    ['limit=99999999999999999999', 'limit', 'type'],
    ['limit=true', 'limit', 'type'],
    ['limit=1&limit=2', 'limit', 'once'],
    ['limit[]=1', 'query', 'unknown'],
    ['partial=1', 'partial', 'type'],
    ['partial=TRUE', 'partial', 'type'],
    ['partial=', 'partial', 'type'],
    ['partial=true&partial=true', 'partial', 'once'],
    ['sort=Name', 'sort', 'enum'],
    ['sort=arr&sort=name', 'sort', 'once'],
    [`search=${'a'.repeat(21)}`, 'search', 'max_length'],
    ['search=a&search=b', 'search', 'once'],
    ['industry=a&industry=b&industry=c&industry=d', 'industry', 'max_items'],
    [`industry=${'a'.repeat(21)}`, 'industry', 'max_length'],
    ['Limit=1', 'Limit', 'unknown'],
    ['__proto__=1', '__proto__', 'unknown'],
    ['constructor=1', 'constructor', 'unknown'],
    ['canary@example.com=1', 'query', 'unknown'],
    ['search=%', 'query', 'encoding'],
    ['search=%zz', 'query', 'encoding'],
    ['search=%c3%28', 'query', 'encoding'],
    ['search=%ed%a0%80', 'query', 'encoding'],
  ])('%s', async (query, field, rule) => {
    const answer = await fetch(`${tiny.url}/v1/echo?${query}`);
    const error = await errorOf(answer);
    expect([answer.status, error.code, error.field, error.rule]).toEqual([400, 'invalid', field, rule]);
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});

test.each(['x=1', 'x'])('a route without parameters refuses one: %s', async (query) => {
  const answer = await fetch(`${tiny.url}/v1/plain?${query}`);
  expect(await errorOf(answer)).toMatchObject({ code: 'invalid', field: 'x', rule: 'unknown' });
});

describe('a body that is wrong is refused with its field and rule, and never repeated', () => {
  test.each<[string, string | Buffer, number, string, string]>([
    ['no name', '{}', 400, 'name', 'required'],
    ['a number for a name', '{"name":1}', 400, 'name', 'type'],
    ['null for a name', '{"name":null}', 400, 'name', 'type'],
    ['a text for a number', '{"name":"a","count":"1"}', 400, 'count', 'type'],
    ['a name too long', `{"name":"${'canary'.repeat(3)}"}`, 400, 'name', 'max_length'],
    ['an unknown field', '{"name":"a","more":1}', 400, 'more', 'unknown'],
    ['an unknown field whose name tells something', '{"name":"a","canary@example.com":1}', 400, 'body', 'unknown'],
    ['an unknown field deep inside', '{"name":"a","deep":{"flag":true,"x":1}}', 400, 'deep.x', 'unknown'],
    ['a wrong type deep inside', '{"name":"a","deep":{"flag":0}}', 400, 'deep.flag', 'type'],
    ['a list', '[]', 400, 'body', 'type'],
    ['a text', '"canary"', 400, 'body', 'type'],
    ['null', 'null', 400, 'body', 'type'],
    ['nothing', '', 400, 'body', 'type'],
    ['half a body', '{"name":"canary', 400, 'body', 'json'],
    ['no JSON', 'name=canary', 400, 'body', 'json'],
    ['a prototype', '{"name":"a","__proto__":{"x":1}}', 400, 'body', 'json'],
    ['no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 400, 'body', 'encoding'],
    ['65 KB', JSON.stringify({ name: 'a'.repeat(65 * 1024) }), 413, 'body', 'max_bytes'],
  ])('%s', async (_what, body, status, field, rule) => {
    const answer = await postRaw(body);
    const error = await errorOf(answer);
    expect([answer.status, error.field, error.rule]).toEqual([status, field, rule]);
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'nonsense',
  ])('as %s', async (type) => {
    const answer = await postRaw('{"name":"a"}', { 'content-type': type });
    expect(answer.status).toBe(415);
    expect(await errorOf(answer)).toMatchObject({ code: 'unsupported_media_type', field: 'content-type' });
  });

  test('on a route that takes none', async () => {
    const post = (body?: string): Promise<Response> =>
      fetch(`${tiny.url}/v1/plain`, {
        method: 'POST',
        ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      });
    expect(await errorOf(await post('{"x":1}'))).toMatchObject({ field: 'body', rule: 'unknown' });
    expect(await errorOf(await post('[]'))).toMatchObject({ field: 'body', rule: 'unknown' });
    for (const harmless of [undefined, '', '{}']) expect((await post(harmless)).status).toBe(204);
  });
});

test.each([
  '001D000000IqhSLIAY',
  '003000000000001AAA',
  '001D000000IqhSL',
  "001'%20OR%20'1'='1",
  '%00',
  'x'.repeat(150),
  'x'.repeat(5_000),
])('an id that is none is the rule crm_id: %s', async (id) => {
  const answer = await fetch(`${tiny.url}/v1/things/${id}`);
  expect(answer.status).toBe(400);
  expect(await errorOf(answer)).toMatchObject({ code: 'invalid', field: 'id', rule: 'crm_id' });
});

test('an id in a broken encoding is refused as such', async () => {
  expect(await errorOf(await fetch(`${tiny.url}/v1/things/%c3%28`))).toMatchObject({
    code: 'invalid',
    rule: 'encoding',
  });
});

describe('every answer', () => {
  test.each(['/v1/plain', '/v1/nowhere', '/v1/bug', '/v1/echo?limit=0', '/v1/things/%c3%28', '/'])(
    '%s is not stored, not framed, not sniffed, and tells no one where it came from',
    async (path) => {
      const { headers } = await fetch(`${tiny.url}${path}`);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  test('a problem has its code, its sentence, its parts and the id of the request', async () => {
    const answer = await fetch(`${tiny.url}/v1/conflict`);
    expect(answer.status).toBe(409);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toEqual({
      error: {
        code: 'taken',
        message: 'Taken.',
        retryAfter: 1.2,
        reasons: ['one'],
        requestId: expect.stringMatching(/^req_/),
      },
    });
  });

  test.each(['/v1/bug', '/v1/throws-text'])('what nobody foresaw says nothing of itself: %s', async (path) => {
    const answer = await fetch(`${tiny.url}${path}`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).toContain('"internal"');
    await until('the line', () => tiny.lines.some((line) => line.event === 'unexpectedError' && line.route === path));
    expect(text + JSON.stringify(tiny.lines)).not.toMatch(/canary/i);
    expect(tiny.lines).toContainEqual(expect.objectContaining({ event: 'unexpectedError', route: path }));
  });

  test('an unexpected error is placed in our source', () => {
    const line = tiny.lines.find(({ route, event }) => event === 'unexpectedError' && route === '/v1/bug');
    expect(line).toMatchObject({ errorClass: 'type_error', place: expect.stringMatching(/^http_server_test_\d+$/) });
  });

  test('one line for a request, with the pattern of the route and never the address', async () => {
    await fetch(`${tiny.url}/v1/things/001D000000IqhSLIAZ`);
    await fetch(`${tiny.url}/v1/canary-path?search=canary`);
    await until('the lines', () => tiny.lines.some(({ route }) => route === '/v1/things/:id'));
    const text = JSON.stringify(tiny.lines);
    expect(text).not.toMatch(/canary|001D000000IqhSLIAZ/);
    expect(tiny.lines.filter(({ route }) => route === '/v1/things/:id').at(-1)).toMatchObject({
      event: 'request',
      method: 'GET',
      status: 200,
      ms: expect.any(Number),
    });
  });
});

describe('CORS', () => {
  const preflight = (origin: string): Promise<Response> =>
    fetch(`${tiny.url}/v1/plain`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });

  test('a Lightning page is let in by its exact name, without credentials, and told which headers it may use', async () => {
    const { headers, status } = await preflight(PAGE);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, if-none-match, idempotency-key, x-oneshot-rep',
    );
    expect(headers.get('vary')).toContain('Origin');
  });

  test.each(['/v1/plain', '/v1/nowhere', '/v1/bug', '/v1/echo?limit=0'])('%s can be read by the page', async (path) => {
    const { headers } = await fetch(`${tiny.url}${path}`, { headers: { origin: PAGE } });
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-expose-headers')).toBe('etag, retry-after');
    expect(headers.get('vary')).toContain('Origin');
  });

  test.each([
    'https://x.lightning.force.com.evil.example',
    'https://evil.example',
    'null',
    '*',
    'http://127.0.0.1:4200',
  ])('any other page is not: %s', async (origin) => {
    for (const answer of [await preflight(origin), await fetch(`${tiny.url}/v1/plain`, { headers: { origin } })]) {
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('vary')).toContain('Origin');
    }
  });
});

describe('limits', () => {
  test('an address that asks too often is told when to come back; it costs nobody else', async () => {
    const limited = await startTiny((app) => app.get('/v1/plain', async () => ({})), {
      openRateLimitPerMinute: 3,
      trustProxy: ['127.0.0.1'],
    });
    try {
      const ask = (address: string): Promise<Response> =>
        fetch(`${limited.url}/v1/plain`, { headers: { 'x-forwarded-for': address } });
      const answers = [];
      for (let call = 0; call < 4; call += 1) answers.push(await ask('192.0.2.1'));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      const refused = answers[3] ?? Response.error();
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await errorOf(refused)).toMatchObject({ code: 'too_many_requests', action: 'retry' });
      expect((await ask('192.0.2.2')).status).toBe(200);
    } finally {
      await limited.close();
    }
  });

  test('a forwarded address of somebody who is no trusted proxy does not count', async () => {
    const limited = await startTiny((app) => app.get('/v1/plain', async () => ({})), { openRateLimitPerMinute: 1 });
    try {
      const ask = (address: string): Promise<Response> =>
        fetch(`${limited.url}/v1/plain`, { headers: { 'x-forwarded-for': address } });
      expect([(await ask('192.0.2.1')).status, (await ask('192.0.2.2')).status]).toEqual([200, 429]);
    } finally {
      await limited.close();
    }
  });

  test('headers that are too large, and what is not HTTP, get the error of this API', async () => {
    const huge = await sendRaw(tiny.url, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(huge).toMatch(/^HTTP\/1\.1 431 /);
    expect(huge).toContain('"rule":"max_bytes"');
    const noise = await sendRaw(tiny.url, 'canary\r\n\r\n');
    expect(noise).toMatch(/^HTTP\/1\.1 400 /);
    expect(noise).toContain('"requestId":"req_');
    expect(noise).not.toContain('canary');
  });

  test('two lengths, or a length and chunks, are refused: a proxy might read another request', async () => {
    const head = 'POST /v1/plain HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    for (const lengths of [
      'content-length: 2\r\ncontent-length: 3\r\n',
      'content-length: 2\r\ntransfer-encoding: chunked\r\n',
      'transfer-encoding: gzip, chunked, x\r\n',
    ])
      expect(await sendRaw(tiny.url, `${head}${lengths}\r\n{}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a client', () => {
  const request = (body: string): string =>
    `POST /v1/slow HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

  test('that goes away before its answer ends the work for it, also after it sent a body', async () => {
    [slowBegun, slowEnd, slowMs] = [0, '', 60_000];
    const { port } = new URL(tiny.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(request('{"name":"a"}'));
    await until('the work began', () => slowBegun === 1);
    socket.destroy();
    await until('the work ended', () => slowEnd !== '');
    expect(slowEnd).toBe('aborted');
  });

  test('that stays is served, and its next request on the same connection too', async () => {
    [slowEnd, slowMs] = ['', 200];
    const last = request('{"name":"b"}').replace('\r\n', '\r\nconnection: close\r\n');
    const text = await sendRaw(tiny.url, request('{"name":"a"}') + last, 30_000);
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(slowEnd).toBe('served');
  });
});

test('a stop lets running requests finish and takes no new ones', async () => {
  let begun = 0;
  let letGo = (): void => undefined;
  const opened = new Promise<void>((resolve) => (letGo = resolve));
  const stopping = await startTiny((app) =>
    app.get('/v1/slow', async () => {
      begun += 1;
      await opened;
      return { done: true };
    }),
  );
  const running = Promise.all(Array.from({ length: 20 }, () => fetch(`${stopping.url}/v1/slow`)));
  await until('all of them run', () => begun === 20);
  const closed = stopping.close();
  await until('no new one is taken', () =>
    fetch(`${stopping.url}/v1/nowhere`).then(
      () => false,
      () => true,
    ),
  );
  letGo();
  const answers = await running;
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(await answers[0]?.json()).toEqual({ done: true });
  await closed;
  await expect(fetch(`${stopping.url}/v1/slow`)).rejects.toThrow();
});

test('a route whose schema leaves unknown fields open is refused at start', async () => {
  const open = startTiny((app) => app.post('/v1/open', { schema: { body: { type: 'object' } } }, async () => ({})));
  await expect(open).rejects.toThrow(/does not say whether it takes unknown fields/);
});
