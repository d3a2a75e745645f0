import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startSandbox } from '../../test/child.ts';
import { freePort } from '../../test/harness.ts';
import { SandboxControl } from '../../test/sandbox-control.ts';
import { openKms, openKmsToOpen, type KmsOptions, type KmsState, type OpenKms } from './kms.ts';
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

const optionsOf = (options: Partial<KmsOptions>): KmsOptions => ({
  keyId: KEY,
  awsRegion: 'us-east-1',
  endpoint: `${child.url}/kms`,
  setting: 'KMS_KEY_ID',
  region: 'us',
  ...options,
});

async function open(options: Partial<KmsOptions> = {}): Promise<OpenKms['masterKey']> {
  const kms = await openKms(optionsOf(options));
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

describe('a key that opens only', () => {
  const arn = `arn:aws:kms:us-east-1:111122223333:key/${KEY}`;
  const setting = 'KMS_PREVIOUS_KEY_ID';
  /** As a process finds it: `sample` is what lies in the database under the key. */
  async function openOnly(sample?: string, keyId = arn): Promise<OpenKms['masterKey']> {
    const asked: string[] = [];
    const kms = await openKmsToOpen(optionsOf({ keyId, setting }), async (id) => {
      asked.push(id);
      return sample === undefined ? undefined : { wrapped: sample, context: CONTEXT };
    });
    opened.push(kms);
    if (keyId === arn) expect(asked).toEqual([kms.masterKey.id]);
    return kms.masterKey;
  }

  test('needs no right to wrap where its ARN names it, and is tried on what lies under it', async () => {
    const before = await open();
    const wrapped = await before.wrap(Buffer.from('data key'), CONTEXT);
    await sandbox.kmsKey(KEY, { actions: ['Decrypt'] });
    await expect(open()).rejects.toThrow(/^KMS_KEY_ID: AWS KMS refuses/);
    await sandbox.forgetRequests();
    const key = await openOnly(wrapped);
    expect(await sandbox.requests('kms')).toHaveLength(1);
    expect(key.id).toBe(before.id);
    expect((await key.unwrap(wrapped, CONTEXT)).toString()).toBe('data key');
    await expect(key.wrap(Buffer.from('k'), CONTEXT)).rejects.toThrow(KeysUnavailable);
  });

  test('that nothing lies under is not asked at all', async () => {
    await sandbox.kmsKey(KEY, { actions: [] });
    await sandbox.forgetRequests();
    expect((await openOnly()).id).toMatch(/^kms_/);
    expect(await sandbox.requests('kms')).toEqual([]);
  });

  test.each([
    ['it may not open', { actions: ['Encrypt'] }, /^KMS_PREVIOUS_KEY_ID: AWS KMS refuses/],
    ['it is disabled', { state: 'Disabled' }, /^KMS_PREVIOUS_KEY_ID: the key is disabled/],
  ])('stops the start with one line where %s', async (_what, change, line) => {
    const wrapped = await (await open()).wrap(Buffer.from('data key'), CONTEXT);
    await sandbox.kmsKey(KEY, change);
    const failed = await openOnly(wrapped).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(MasterKeyUnusable);
    expect((failed as Error).message).toMatch(line);
  });

  test('stops the start where what lies under its name was wrapped by another key, and waits where KMS is away', async () => {
    const [key, other] = [await open(), await open({ keyId: OTHER_KEY })];
    const foreign = (await other.wrap(Buffer.from('data key'), CONTEXT)).replace(other.id, key.id);
    await expect(openOnly(foreign)).rejects.toThrow(/^KMS_PREVIOUS_KEY_ID: what this key wraps it does not open/);
    await fault(3, error('ThrottlingException'));
    await expect(openOnly(foreign)).rejects.toThrow(KeysUnavailable);
  });

  test('named by its id alone is asked to wrap, since only that tells its ARN', async () => {
    expect((await openOnly(undefined, KEY)).id).toBe((await open()).id);
    await sandbox.kmsKey(KEY, { actions: ['Decrypt'] });
    await expect(openOnly(undefined, KEY)).rejects.toThrow(/^KMS_PREVIOUS_KEY_ID: AWS KMS refuses/);
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
