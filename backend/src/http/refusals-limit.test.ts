import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { call } from '../../test/sign-in.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ OPEN_RATE_LIMIT_PER_MINUTE: '30' });
}, 240_000);
afterAll(() => stack.close());

const statuses = async (times: number, ask: () => Promise<{ readonly status: number }>): Promise<Set<number>> => {
  const seen = new Set<number>();
  for (let turn = 0; turn < times; turn += 1) seen.add((await ask()).status);
  return seen;
};

test('what the session check refuses counts against the address; whoever has a session goes on, and can sign out', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  const { url } = stack.backend;
  const foreign = { origin: 'https://other.lightning.force.com' };
  expect(await statuses(40, () => rep.get('/v1/me', foreign))).toEqual(new Set([403, 429]));
  expect(await statuses(5, () => call(url, 'GET', '/v1/me', undefined, { authorization: 'Bearer x' }))).toEqual(
    new Set([429]),
  );
  const refused = await call(url, 'GET', '/v1/me', undefined, {});
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect((await rep.get('/v1/me')).status).toBe(200);
  expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
});

test('a preflight of a foreign page is refused in the words of the API, also when the address asked too often', async () => {
  const preflight = { origin: 'https://other.example', 'access-control-request-method': 'POST' };
  const ask = (): ReturnType<typeof call> => call(stack.backend.url, 'OPTIONS', '/v1/emails', undefined, preflight);
  await statuses(30, ask);
  const refused = await ask();
  expect([refused.status, refused.body.error?.code]).toEqual([429, 'too_many_requests']);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
});
