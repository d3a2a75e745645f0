import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { signIn } from '../../test/sign-in.ts';
import { KEY_FILE, openKeyFile } from './key-file.ts';

let stack: Stack;
let elsewhere: string;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  elsewhere = await mkdtemp(join(tmpdir(), 'oneshot-vault-'));
  await signIn(stack.backend, 'rep.one@demo.example');
}, 240_000);
afterAll(async () => {
  await stack.close();
  await rm(elsewhere, { recursive: true });
});

describe('a start', () => {
  test('without the master key that wrapped the database says so in one line, and makes none', async () => {
    await expect(stack.addBackend({ DATA_DIR: elsewhere })).rejects.toThrow(
      /^[^\n]*master-key\.json is missing[^\n]*$/,
    );
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('with another master key says so in one line', async () => {
    await openKeyFile(elsewhere, true);
    await expect(stack.addBackend({ DATA_DIR: elsewhere })).rejects.toThrow(
      /^The master key in [^\n]* is not the one that wrapped the keys in this database[^\n]*$/,
    );
  });

  test('in another region on the same database says so, too', async () => {
    await expect(stack.addBackend({ ONESHOT_REGION: 'eu' })).rejects.toThrow(/region eu/);
  });

  test('with the right file put back works, and finds the same user', async () => {
    await copyFile(join(stack.dataDir, KEY_FILE), join(elsewhere, KEY_FILE));
    const [before, after] = [
      await signIn(stack.backend, 'rep.one@demo.example'),
      await signIn(await stack.addBackend({ DATA_DIR: elsewhere }), 'rep.one@demo.example'),
    ];
    expect(after.user).toEqual(before.user);
  });

  test('of five backends at once on an empty database and folder makes one key and one signing key', async () => {
    const fresh = await startStack({ SANDBOX_ACCOUNTS: '5' });
    try {
      const folder = await mkdtemp(join(elsewhere, 'fresh-'));
      const settings = {
        DATA_DIR: folder,
        MONGODB_URI: besides(fresh.settings.MONGODB_URI),
        SESSIONS_MONGODB_URI: besides(fresh.settings.SESSIONS_MONGODB_URI),
      };
      const backends = await Promise.all(Array.from({ length: 5 }, () => fresh.addBackend(settings)));
      expect((await readdir(folder)).filter((name) => !name.startsWith('ledger.'))).toEqual([KEY_FILE]);
      const rep = await signIn(backends[0] ?? fresh.backend, 'rep.one@demo.example');
      for (const backend of backends) expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
    } finally {
      await fresh.close();
    }
  }, 240_000);
});

/** An empty database on the same server. */
function besides(uri = ''): string {
  const url = new URL(uri);
  url.pathname = url.pathname.replace('oneshot_test_', 'five_');
  return url.href;
}
