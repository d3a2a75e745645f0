import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pkce, TestSandbox } from './testing/browser.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const jwks = '/id/keys';
const fault = (more: Record<string, unknown>) =>
  sandbox.control('POST', '/faults', { provider: 'salesforce', pathPattern: '^/id/keys$', times: 1, ...more });

/** What comes over the wire for a GET, up to the end of the connection. */
function rawGet(path: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(sandbox.url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET /salesforce${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    let seen = '';
    socket.setTimeout(30_000, () => socket.destroy());
    socket.on('data', (data) => (seen += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
  });
}

test('the next calls get the status, headers and body of the fault, and then it is over', async () => {
  await fault({ times: 2, status: 503, body: '<html>Down</html>', headers: { 'Retry-After': '7' } });
  for (let count = 0; count < 2; count += 1) {
    const answer = await sandbox.get(jwks);
    expect([answer.status, await answer.text()]).toEqual([503, '<html>Down</html>']);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('content-type')).toContain('text/html');
  }
  expect((await sandbox.get(jwks)).status).toBe(200);
});

test('a body that is not a text is sent as JSON, with the content type that the fault wants', async () => {
  await fault({ status: 403, body: [{ errorCode: 'X' }] });
  const answer = await sandbox.get(jwks);
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(await answer.json()).toEqual([{ errorCode: 'X' }]);
  await fault({ body: '{"half":', headers: { 'content-type': 'application/json' } });
  const broken = await sandbox.get(jwks);
  expect([broken.status, broken.headers.get('content-type'), await broken.text()]).toEqual([
    200,
    'application/json',
    '{"half":',
  ]);
});

test('the path is matched below the prefix of the provider or whole, never the query', async () => {
  await fault({ pathPattern: '^/salesforce/id/keys$', status: 500 });
  expect((await sandbox.get(jwks)).status).toBe(500);
  await fault({ pathPattern: 'nonsense', status: 500 });
  expect((await sandbox.get(`${jwks}?nonsense`)).status).toBe(200);
});

test('headers alone are added to the real answer, and win over its own', async () => {
  await fault({ headers: { 'cross-origin-opener-policy': 'same-origin', 'content-type': 'text/odd' } });
  const answer = await sandbox.get(jwks);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(answer.headers.get('content-type')).toBe('text/odd');
  expect(await answer.json()).toHaveProperty('keys');
});

test('latency alone slows the real answer down, also together with another fault', async () => {
  await fault({ latencyMs: 150, times: 2 });
  await fault({ status: 503 });
  for (const status of [503, 200]) {
    const start = performance.now();
    expect((await sandbox.get(jwks)).status).toBe(status);
    expect(performance.now() - start).toBeGreaterThan(140);
  }
});

test('dropped before: the caller sees nothing and nothing has happened', async () => {
  const { verifier, challenge } = pkce();
  const code = await sandbox.code({ code_challenge: challenge });
  await fault({ pathPattern: '/token$', drop: 'before' });
  await expect(sandbox.exchange(code, verifier)).rejects.toThrow('fetch failed');
  expect((await sandbox.exchange(code, verifier)).status).toBe(200);
});

test('dropped after: the caller sees nothing and yet it has happened', async () => {
  const { verifier, challenge } = pkce();
  const code = await sandbox.code({ code_challenge: challenge });
  await fault({ pathPattern: '/token$', drop: 'after' });
  await expect(sandbox.exchange(code, verifier)).rejects.toThrow('fetch failed');
  expect((await sandbox.exchange(code, verifier)).body.error_description).toBe('expired authorization code');
  await fault({ drop: 'after' });
  expect(await rawGet(jwks)).toBe('');
});

test('dropped in the middle: the head, half of the body, and the end', async () => {
  const whole = await (await sandbox.get(jwks)).text();
  await fault({ drop: 'middle' });
  const [head, body] = (await rawGet(jwks)).split('\r\n\r\n');
  expect(head).toContain(`content-length: ${whole.length}`);
  expect(body).toBe(whole.slice(0, Math.floor(whole.length / 2)));
});

test('a made-up answer can be cut in the middle too', async () => {
  await fault({ drop: 'middle', status: 200, body: '0123456789' });
  const [head, body] = (await rawGet(jwks)).split('\r\n\r\n');
  expect(head).toContain('HTTP/1.1 200');
  expect(body).toBe('01234');
});

test('what a fault did is in the request log', async () => {
  await fault({ status: 503 });
  await sandbox.get(jwks);
  await fault({ drop: 'before' });
  await rawGet(jwks);
  await fault({ drop: 'after' });
  await rawGet(jwks);
  const { rows } = await sandbox.control<{ rows: { status: number | null }[] }>('GET', '/requests');
  expect(rows.map((row) => row.status)).toEqual([503, null, 200]);
});

test('a call that is held up goes on when the faults are taken back, with whatever else they do to it', async () => {
  const waiting = async () => (await sandbox.control<{ rows: unknown[] }>('GET', '/faults')).rows.length;
  for (const [more, status] of [
    [{}, 200],
    [{ status: 503 }, 503],
  ] as const) {
    await fault({ latencyMs: 600_000, ...more });
    const answer = sandbox.get(jwks);
    while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await sandbox.control('DELETE', '/faults');
    expect((await answer).status).toBe(status);
  }
});

test('waiting faults are listed and can be taken back', async () => {
  await fault({ status: 503, times: 3 });
  await sandbox.get(jwks);
  expect(await sandbox.control('GET', '/faults')).toEqual({
    rows: [{ provider: 'salesforce', pathPattern: '^\\/id\\/keys$', times: 3, timesLeft: 2, status: 503 }],
  });
  await sandbox.control('DELETE', '/faults');
  expect((await sandbox.get(jwks)).status).toBe(200);
});
