import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../test/harness.ts';
import { DataKeyMissing, DataKeys, type DataKeysOptions, type WrappedDataKey } from './data-keys.ts';
import { EnvelopeUnreadable } from './envelope.ts';
import { openKeyFile } from './key-file.ts';
import { MasterKeyMismatch, type MasterKey } from './master-key.ts';

let folder: string;
let masterKey: MasterKey;
let unwrapped: Buffer[];
const stored = new Map<string, WrappedDataKey[]>();
const place = { user: 'usr_a', provider: '', collection: 'users', field: 'email', record: 'usr_a' };
const open: DataKeys[] = [];

function dataKeys(options: Partial<DataKeysOptions> = {}): DataKeys {
  const keys = new DataKeys({
    masterKey,
    region: 'us',
    read: async (orgId) => stored.get(orgId) ?? [],
    ...options,
  });
  open.push(keys);
  return keys;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-data-keys-'));
  const real = await openKeyFile(folder, true);
  unwrapped = [];
  masterKey = {
    id: real.id,
    wrap: (key, context) => real.wrap(key, context),
    unwrap: async (wrapped, context) => {
      const key = await real.unwrap(wrapped, context);
      unwrapped.push(key);
      return key;
    },
  };
  stored.clear();
  for (const orgId of ['org_a', 'org_b']) stored.set(orgId, [await dataKeys().createWrapped(orgId)]);
});
afterEach(async () => {
  for (const keys of open.splice(0)) keys.close();
  await rm(folder, { recursive: true });
});

describe('data keys', () => {
  test('seal for one org and open in another process', async () => {
    const sealed = await dataKeys().seal('org_a', place, 'ana@example.com');
    expect((await dataKeys().open('org_a', place, sealed)).toString()).toBe('ana@example.com');
  });

  test('of one org open nothing of another, even where the place is the same', async () => {
    const sealed = await dataKeys().seal('org_a', place, 'value');
    await expect(dataKeys().open('org_b', place, sealed)).rejects.toThrow(EnvelopeUnreadable);
    stored.set('org_b', stored.get('org_a') ?? []);
    await expect(dataKeys().open('org_b', place, sealed)).rejects.toThrow(MasterKeyMismatch);
  });

  test('do not open in another region', async () => {
    const sealed = await dataKeys().seal('org_a', place, 'value');
    await expect(dataKeys({ region: 'eu' }).open('org_a', place, sealed)).rejects.toThrow(MasterKeyMismatch);
  });

  test('are missing for an org that never was, or was erased', async () => {
    await expect(dataKeys().seal('org_c', place, 'value')).rejects.toThrow(DataKeyMissing);
  });

  test('are unwrapped once for requests that come together', async () => {
    const keys = dataKeys();
    await Promise.all(Array.from({ length: 50 }, () => keys.seal('org_a', place, 'value')));
    expect(unwrapped).toHaveLength(1);
  });

  test('leave memory after their time, overwritten', async () => {
    const keys = dataKeys({ lifetimeMs: 700 });
    await keys.seal('org_a', place, 'value');
    expect(unwrapped[0]?.every((byte) => byte === 0)).toBe(false);
    await until('it was overwritten', () => unwrapped[0]?.equals(Buffer.alloc(32)) === true);
    await keys.seal('org_a', place, 'value');
    expect(unwrapped).toHaveLength(2);
  });

  test('are bounded in number, the one that left is overwritten', async () => {
    const keys = dataKeys({ maxKeys: 1 });
    const sealed = await keys.seal('org_a', place, 'value');
    await keys.seal('org_b', place, 'value');
    expect(unwrapped[0]).toEqual(Buffer.alloc(32));
    expect((await keys.open('org_a', place, sealed)).toString()).toBe('value');
  });

  test('never seal with a key that was overwritten while they waited', async () => {
    const keys = dataKeys({ maxKeys: 1 });
    const sealed = await Promise.all(
      ['org_a', 'org_b', 'org_a', 'org_b'].map(async (orgId) => ({
        orgId,
        value: await keys.seal(orgId, place, orgId),
      })),
    );
    for (const { orgId, value } of sealed) expect((await dataKeys().open(orgId, place, value)).toString()).toBe(orgId);
  });

  test('forget an org at once', async () => {
    const keys = dataKeys();
    await keys.seal('org_a', place, 'value');
    keys.forget('org_a');
    expect(unwrapped[0]).toEqual(Buffer.alloc(32));
  });
});
