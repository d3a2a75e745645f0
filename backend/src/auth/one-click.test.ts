import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Backend, type Stack } from '../../test/harness.ts';
import {
  consent,
  passPopup,
  pkcePair,
  redeem,
  SignInFailed,
  start,
  textOf,
  visitCallback,
} from '../../test/sign-in.ts';

const REP = 'rep.one@demo.example';

let stack: Stack;
let backend: Backend;
let second: Backend;
let databases: TestDatabases;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '20' });
  backend = stack.backend;
  second = await stack.addBackend();
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(() => stack.sandbox.reset());

test('three trips of one click that come back at once, to two processes, give one code', async () => {
  for (let round = 0; round < 5; round += 1) {
    const pair = pkcePair();
    const trips = await Promise.all([0, 1, 2].map(() => start(backend, { pair })));
    const callbacks = await Promise.all(trips.map(({ location }) => consent(location, REP, 'allow')));
    const targets = [backend, { url: second.url, origin: backend.origin }, backend];
    const pages = await Promise.all(
      callbacks.map((callback, index) =>
        visitCallback(targets[index] ?? backend, callback, trips[index]?.cookie ?? ''),
      ),
    );
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  }
});

test('a click that has its code, used or not, begins no other trip', async () => {
  const pair = pkcePair();
  const page = await passPopup(backend, REP, { pair });
  await expect(start(backend, { pair })).rejects.toThrow(SignInFailed);
  expect((await redeem(backend, textOf(page.message.code), pair.verifier)).status).toBe(200);
  await expect(start(backend, { pair })).rejects.toThrow(SignInFailed);
});

test('the idempotency key is kept only as an HMAC under the code, which is not kept', async () => {
  const pair = pkcePair();
  const page = await passPopup(backend, REP, { pair });
  const key = 'k'.repeat(32);
  expect((await redeem(backend, textOf(page.message.code), pair.verifier, key)).status).toBe(200);
  const stored = JSON.stringify(await databases.sessions.collection('signIns').find().toArray());
  expect(stored).toContain('keyHash');
  expect(stored).not.toContain(createHash('sha256').update(key).digest('base64url'));
});
