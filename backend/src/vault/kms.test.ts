import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startSandbox } from '../../test/child.ts';
import { freePort } from '../../test/harness.ts';
import { SandboxControl } from '../../test/sandbox-control.ts';
import { openKms, type KmsOptions, type KmsState, type OpenKms } from './kms.ts';
import { MasterKeyMismatch, MasterKeyUnusable } from './master-key.ts';
import { KeysUnavailable } from './problems.ts';

const KEY = '11111111-1111-4111-8111-111111111111';
const OTHER_KEY = '22222222-2222-4222-8222-222222222222';
const EU_KEY = '33333333-3333-4333-8333-333333333333';
const CONTEXT = { app: 'oneshot', purpose: 'data-key', region: 'us', org: 'org_a', version: 'd1' } as const;

let child: Awaited<ReturnType<typeof startSandbox>>;
let sandbox: SandboxControl;
const opened: OpenKms[] = [];

beforeAll(async () => {
  child = await startSandbox({ SANDBOX_ACCOUNTS: '1' });
  sandbox = new SandboxControl(child.url);
}, 240_000);
afterAll(() => child.stop());
beforeEach(async () => {
  for (const kms of opened.splice(0)) kms.close();
  await sandbox.reset();
});

async function open(options: Partial<KmsOptions> = {}): Promise<OpenKms['masterKey']> {
  const kms = await openKms({
    keyId: KEY,
    awsRegion: 'us-east-1',
    endpoint: `${child.url}/kms`,
    setting: 'KMS_KEY_ID',
    region: 'us',
    ...options,
  });
  opened.push(kms);
  return kms.masterKey;
}

const fault = (times: number, more: object): Promise<unknown> =>
  sandbox.fault({ provider: 'kms', pathPattern: '.*', times, ...more });

const error = (type: string): object => ({ status: 400, body: { __type: type, message: 'Canary' } });

describe('a key of KMS', () => {
  test('opens what it wrapped, in another process and by id or ARN, for that context only', async () => {
    const key = await open();
    const wrapped = await key.wrap(Buffer.from('data key'), CONTEXT);
    expect(wrapped).toMatch(/^k1\.kms_[\w-]{22}\.[\w-]+$/);
    const same = await open({ keyId: `arn:aws:kms:us-east-1:111122223333:key/${KEY}` });
    expect(same.id).toBe(key.id);
    expect((await same.unwrap(wrapped, { ...CONTEXT })).toString()).toBe('data key');
    for (const name of Object.keys(CONTEXT))
      await expect(key.unwrap(wrapped, { ...CONTEXT, [name]: 'other' })).rejects.toThrow(MasterKeyMismatch);
    const other = await open({ keyId: OTHER_KEY });
    await expect(other.unwrap(wrapped, CONTEXT)).rejects.toThrow(MasterKeyMismatch);
    await expect(other.unwrap(wrapped.replace(key.id, other.id), CONTEXT)).rejects.toThrow(MasterKeyMismatch);
    await expect(key.unwrap('e1.file.AAAA', CONTEXT)).rejects.toThrow(MasterKeyMismatch);
  });

  test('is asked with an org in each context, as its policy wants', async () => {
    const key = await open();
    const wrapped = await key.wrap(Buffer.from('k'), {
      app: 'oneshot',
      purpose: 'signing-key',
      region: 'us',
      kid: 'k1',
    });
    const context = { app: 'oneshot', purpose: 'signing-key', region: 'us', kid: 'k1', org: 'none' } as const;
    expect((await key.unwrap(wrapped, context)).toString()).toBe('k');
  });
});

describe('the start stops with one line', () => {
  test.each([
    ['a key of another region, by id', { keyId: EU_KEY }, /^KMS_KEY_ID: there is no such key in this AWS region/],
    ['a key that is not there', { keyId: KEY.replaceAll('1', '9') }, /^KMS_KEY_ID: there is no such key/],
    [
      'a key of another region, by ARN',
      { keyId: `arn:aws:kms:eu-central-1:111122223333:key/${EU_KEY}` },
      /^KMS_KEY_ID: there is no such key in this AWS region/,
    ],
  ])('for %s', async (_what, options, line) => {
    const failed = await open(options).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(MasterKeyUnusable);
    expect((failed as Error).message).toMatch(line);
    expect(String(failed)).not.toContain('\n');
  });

  test.each([
    [{ state: 'Disabled' }, /the key is disabled/],
    [{ state: 'PendingDeletion' }, /pending deletion/],
    [{ allowed: false }, /refuses this process the use of the key/],
  ])('for %j', async (change, line) => {
    await sandbox.kmsKey(KEY, change);
    await expect(open()).rejects.toThrow(line);
  });
});

describe('KMS is away', () => {
  test.each([
    ['answers 500', { status: 500, body: { __type: 'KMSInternalException' } }],
    ['has too many requests', error('ThrottlingException')],
    ['cuts the connection', { drop: 'before' }],
  ])('for two calls, and %s: it is asked again, and nobody notices', async (_what, effect) => {
    const key = await open();
    await fault(2, effect);
    expect(await key.wrap(Buffer.from('k'), CONTEXT)).toMatch(/^k1\./);
  });

  test('for longer: it is asked three times, then not again for a second, and it comes back by itself', async () => {
    const states: KmsState[] = [];
    const key = await open({ onState: (state) => states.push(state) });
    const wrapped = await key.wrap(Buffer.from('data key'), CONTEXT);
    await sandbox.forgetRequests();
    await fault(100, error('ThrottlingException'));
    for (let call = 0; call < 5; call += 1) await expect(key.unwrap(wrapped, CONTEXT)).rejects.toThrow(KeysUnavailable);
    expect(await sandbox.requests('kms')).toHaveLength(3);
    await sandbox.reset();
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await key.unwrap(wrapped, CONTEXT)).toString()).toBe('data key');
    expect(states).toEqual([{ state: 'unavailable', reason: 'throttling_exception' }, { state: 'available' }]);
  });

  test('and hangs: a call ends within its time', async () => {
    const key = await open();
    await fault(10, { latencyMs: 60_000 });
    const startedAt = performance.now();
    await expect(key.wrap(Buffer.from('k'), CONTEXT)).rejects.toThrow(KeysUnavailable);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  test('since its address answers nobody: a start may try again', async () => {
    await expect(open({ endpoint: `http://127.0.0.1:${await freePort()}/kms` })).rejects.toThrow(KeysUnavailable);
  }, 240_000);

  test('since the key was disabled while we run: 503, and nothing of AWS in the answer', async () => {
    const key = await open();
    await sandbox.kmsKey(KEY, { state: 'Disabled' });
    const failed = await key.wrap(Buffer.from('k'), CONTEXT).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(KeysUnavailable);
    expect(JSON.stringify((failed as KeysUnavailable).problem)).not.toMatch(/arn|disabled/i);
  });
});
