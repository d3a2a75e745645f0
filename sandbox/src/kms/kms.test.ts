import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSandbox, type RunningSandbox } from '../index.ts';
import { KmsKeys } from './keys.ts';
import { KmsError } from './error.ts';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ accounts: 1 });
});
afterAll(() => sandbox.close());

/** As somebody without the AWS SDK would call; signed calls are in backend/src/vault/kms.test.ts, by the real SDK. */
const call = (headers: Readonly<Record<string, string>>, body = '{}'): Promise<Response> =>
  fetch(`${sandbox.url}/kms`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'TrentService.Encrypt', ...headers },
  });

const typeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { __type: string }).__type;

test('a call without a signature, by a stranger or with a wrong signature is refused as AWS does', async () => {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const signed = (user: string): Record<string, string> => ({
    'x-amz-date': now,
    authorization: `AWS4-HMAC-SHA256 Credential=${user}/${now.slice(0, 8)}/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
  });
  const answers = [await call({}), await call(signed('stranger')), await call(signed('oneshot-sandbox-access'))];
  expect(await Promise.all(answers.map(typeOf))).toEqual([
    'MissingAuthenticationToken',
    'UnrecognizedClientException',
    'InvalidSignatureException',
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('what one key wrapped, another one, another context or a changed byte does not open', () => {
  const keys = new KmsKeys();
  const [one, other] = keys.list();
  if (one === undefined || other === undefined) throw new Error('No keys');
  const wrapped = keys.encrypt(one, Buffer.from('secret'), { org: 'a', app: 'x' });
  expect(keys.decrypt(one, wrapped, { app: 'x', org: 'a' }).toString()).toBe('secret');
  expect(keys.madeBy(wrapped, 'us-east-1')).toBe(one);
  expect(() => keys.madeBy(wrapped, 'eu-central-1')).toThrow(KmsError);
  expect(() => keys.decrypt(other, wrapped, { app: 'x', org: 'a' })).toThrow(KmsError);
  expect(() => keys.decrypt(one, wrapped, { app: 'x', org: 'b' })).toThrow(KmsError);
  for (let index = 1 + 36; index < wrapped.length; index += 1) {
    const changed = Buffer.from(wrapped);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => keys.decrypt(one, changed, { app: 'x', org: 'a' })).toThrow(KmsError);
  }
  expect(wrapped.includes('secret')).toBe(false);
});

test('keys are made, disabled and taken away by the control plane, and reset puts them back', async () => {
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return (await fetch(`${sandbox.url}/__control/${path}`, { method, ...init })).json();
  };
  const keyId = '99999999-9999-4999-8999-999999999999';
  expect(await control('POST', 'kms', { keyId })).toMatchObject({ error: expect.stringMatching(/^region: /) });
  expect(await control('POST', 'kms', { keyId, region: 'us-east-1', state: 'Disabled' })).toMatchObject({
    arn: `arn:aws:kms:us-east-1:111122223333:key/${keyId}`,
    state: 'Disabled',
  });
  await control('POST', 'reset');
  expect(((await control('GET', 'kms')) as { rows: unknown[] }).rows).toHaveLength(4);
});
