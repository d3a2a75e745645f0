import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvelopeUnreadable, openBytes, sealBytes } from './envelope.ts';
import { contextText, MasterKeyMismatch, MasterKeyUnusable, type MasterKey, type WrapContext } from './master-key.ts';

/** Name of the key file inside the data folder. */
export const KEY_FILE = 'master-key.json';

/**
 * The master key of a loopback development machine, kept in `<dataDir>/master-key.json`, readable by its owner only.
 * Several processes that start at once on one data folder agree on one key: the file appears complete or not at all,
 * and who comes second reads it.
 * @param mayCreate false where the database already holds what an earlier key wrapped: a fresh key would open none of it
 * @throws MasterKeyUnusable the file is missing and may not be made, is open to others, or is no key file
 */
export async function openKeyFile(dataDir: string, mayCreate: boolean): Promise<MasterKey> {
  const path = join(dataDir, KEY_FILE);
  const existing = await readKey(path);
  if (existing !== undefined) return new KeyFileMasterKey(existing);
  if (!mayCreate) {
    throw new MasterKeyUnusable(
      `${path} is missing, and the database holds keys that it wrapped. Put the file back, or start with an empty database.`,
    );
  }
  await createKey(dataDir, path);
  const created = await readKey(path);
  if (created === undefined) throw new MasterKeyUnusable(`${path} was removed while the backend started.`);
  return new KeyFileMasterKey(created);
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    if (((await stat(path)).mode & 0o077) !== 0)
      throw new MasterKeyUnusable(`${path} can be read by others. Run: chmod 600 ${path}`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const key = keyIn(text);
  if (key === undefined) throw new MasterKeyUnusable(`${path} is not a master key file.`);
  return key;
}

function keyIn(text: string): Buffer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('key' in parsed) || typeof parsed.key !== 'string')
      return undefined;
    const key = Buffer.from(parsed.key, 'base64url');
    return key.length === 32 ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a key beside and links it into place: `link` fails where the name is taken, and never shows half a file. */
async function createKey(dataDir: string, path: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: 1, key: randomBytes(32).toString('base64url') })}\n`);
    await file.sync();
    await link(beside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(beside);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

class KeyFileMasterKey implements MasterKey {
  readonly id: string;
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
    this.id = `file_${createHmac('sha256', key).update('oneshot master key id').digest('base64url').slice(0, 22)}`;
  }

  wrap(key: Uint8Array, context: WrapContext): Promise<string> {
    return Promise.resolve(sealBytes(this.#key, contextText(context), key));
  }

  async unwrap(wrapped: string, context: WrapContext): Promise<Buffer> {
    try {
      return openBytes(this.#key, contextText(context), wrapped);
    } catch (error) {
      throw error instanceof EnvelopeUnreadable ? new MasterKeyMismatch() : error;
    }
  }
}
