import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KEY_FILE, openKeyFile } from './key-file.ts';
import { MasterKeyMismatch, MasterKeyUnusable } from './master-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-key-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const contextOf = (org: string, region = 'us') => ({ app: 'oneshot', purpose: 'data-key', region, org }) as const;

describe('the key file', () => {
  test('is made once, for its owner only, and is the same key from then on', async () => {
    const first = await openKeyFile(folder, true);
    expect((await stat(join(folder, KEY_FILE))).mode & 0o777).toBe(0o600);
    const wrapped = await first.wrap(Buffer.from('data key'), contextOf('org_a'));
    const second = await openKeyFile(folder, false);
    expect(second.id).toBe(first.id);
    expect((await second.unwrap(wrapped, contextOf('org_a'))).toString()).toBe('data key');
    expect(await readdir(folder)).toEqual([KEY_FILE]);
  });

  test('is one key for callers that start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => openKeyFile(folder, true)));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect(await readdir(folder)).toEqual([KEY_FILE]);
  });

  test('that is missing where keys were wrapped already stops the start in one line, and is not made anew', async () => {
    await expect(openKeyFile(folder, false)).rejects.toThrow(/^[^\n]*master-key\.json is missing[^\n]*$/);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each(['', '{}', '{"key":"short"}', 'not json'])('with the content %p stops the start', async (content) => {
    await writeFile(join(folder, KEY_FILE), content, { mode: 0o600 });
    await expect(openKeyFile(folder, true)).rejects.toThrow(MasterKeyUnusable);
    expect(await readFile(join(folder, KEY_FILE), 'utf8')).toBe(content);
  });

  test('that others can read stops the start and says what to do', async () => {
    await openKeyFile(folder, true);
    await chmod(join(folder, KEY_FILE), 0o644);
    await expect(openKeyFile(folder, true)).rejects.toThrow(/chmod 600/);
  });

  test('opens a wrapped key for its own context only', async () => {
    const key = await openKeyFile(folder, true);
    const wrapped = await key.wrap(Buffer.from('data key'), contextOf('org_a'));
    await expect(
      key.unwrap(wrapped, { org: 'org_a', region: 'us', purpose: 'data-key', app: 'oneshot' }),
    ).resolves.toEqual(Buffer.from('data key'));
    await expect(key.unwrap(wrapped, contextOf('org_b'))).rejects.toThrow(MasterKeyMismatch);
    await expect(key.unwrap(wrapped, contextOf('org_a', 'eu'))).rejects.toThrow(MasterKeyMismatch);
  });
});
