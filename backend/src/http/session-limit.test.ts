import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ RATE_LIMIT_PER_MINUTE: '5' });
}, 240_000);
afterAll(() => stack.close());

test('a session that asks too often is told when to come back; another session of the same rep is not', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  const statuses: number[] = [];
  for (let call = 0; call < 5; call += 1) statuses.push((await rep.get('/v1/me')).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const refused = await rep.get('/v1/me');
  expect(refused.status).toBe(429);
  expect(refused.body.error).toMatchObject({ code: 'too_many_requests', retryAfter: expect.any(Number) });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const again = await stack.signIn('rep.one@demo.example');
  expect((await again.get('/v1/me')).status).toBe(200);
});
