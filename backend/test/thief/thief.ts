import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UserDocument } from '../../src/auth/model.ts';
import type { ConnectionDocument } from '../../src/connections/model.ts';
import { DataKeys } from '../../src/vault/data-keys.ts';
import { EnvelopeUnreadable, keyVersionOf, open, type Place } from '../../src/vault/envelope.ts';
import { KEY_FILE, openKeyFile } from '../../src/vault/key-file.ts';
import { splitKey } from '../../src/vault/split-key.ts';
import { readLoot, type Loot } from './loot.ts';

/** What was stolen. */
export interface Stolen {
  /** Data folders: the live one, and backups. */
  readonly folders: readonly string[];
  readonly keyFolder: string;
  /** Folders of logs and of source: whatever in them has the length of a key is tried as one. */
  readonly texts: readonly string[];
  readonly jwts: readonly string[];
  /** What no theft from us brings: the customer's records, to show that this program would open what can be opened. */
  readonly customersHalves?: readonly Buffer[];
}

/** Tokens of one connection in one state of it. */
export interface OpenedTokens {
  readonly connectionId: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What the thief got, and how far the way led. */
export interface Haul {
  readonly tokens: readonly OpenedTokens[];
  /** Addresses and usernames, which the master key opens (docs/keys.md). */
  readonly contacts: readonly string[];
  /** Our halves that were opened, each once. */
  readonly ourHalves: number;
  readonly sessions: number;
  /** Connections that were attacked, and keys that were tried on them. */
  readonly connections: number;
  readonly tried: number;
}

const REGION = 'us';
const KEY_BYTES = 32;

/** A program that really tries: all that is stolen, in every role that it could have in a key. */
export async function rob(stolen: Stolen): Promise<Haul> {
  const loot = await readLoot(stolen.folders);
  const masterKey = await openKeyFile(stolen.keyFolder, false);
  const dataKeys = new DataKeys({
    masterKey,
    region: REGION,
    // Every key that any backup still holds, also those that were deleted since.
    read: (orgId) => Promise.resolve(loot.orgs.filter(({ _id }) => _id === orgId).flatMap((org) => org.dataKeys)),
  });
  try {
    const users = await Promise.all(loot.users.map((user) => openUser(dataKeys, user)));
    const jwtKeys = stolen.jwts.map(keyOf);
    const sessions = openSessions(loot, jwtKeys);
    const guesses = distinct([
      ...(stolen.customersHalves ?? []),
      ...sessions.flatMap(({ half }) => (half === undefined ? [] : [half])),
      ...jwtKeys.flatMap((key) => [key, createHash('sha256').update(key).digest()]),
      ...users.flatMap(({ halves, others }) => [...halves.map(({ bytes }) => bytes), ...others]),
      ...loot.sessions.flatMap(({ keyHash, keySalt }) => [bytesOf(keyHash), bytesOf(keySalt)]),
      ...(await keysIn(stolen.texts)),
      bytesOf((JSON.parse(await readFile(join(stolen.keyFolder, KEY_FILE), 'utf8')) as { key: string }).key),
      Buffer.alloc(KEY_BYTES),
    ]);
    let tried = 0;
    const tokens = loot.connections.flatMap((connection) => {
      const ours = users.filter(({ userId }) => userId === connection.userId).flatMap(({ halves }) => halves);
      for (const customers of guesses) {
        const keys = [customers, ...ours.map((half) => splitKey({ ours: half, customers }).bytes)];
        tried += keys.length;
        for (const key of keys) {
          const opened = openConnection(connection, key);
          if (opened !== undefined) return [opened];
        }
      }
      return [];
    });
    return {
      tokens,
      contacts: [...new Set(users.flatMap(({ contacts }) => contacts))],
      ourHalves: distinct(users.flatMap(({ halves }) => halves.map(({ bytes }) => bytes))).length,
      sessions: sessions.length,
      connections: new Set(loot.connections.filter(({ sealed }) => sealed !== undefined).map(({ _id }) => _id)).size,
      tried,
    };
  } finally {
    dataKeys.close();
  }
}

interface OpenedUser {
  readonly userId: string;
  readonly halves: readonly { readonly version: string; readonly bytes: Buffer }[];
  /** Whatever else of 32 bytes lies with the user. */
  readonly others: readonly Buffer[];
  readonly contacts: readonly string[];
}

async function openUser(dataKeys: DataKeys, user: UserDocument): Promise<OpenedUser> {
  const { _id, orgId, email, username, accountKey, keyRecord, halves = [] } = user;
  const opened = (field: string, sealed: string): Promise<Buffer> =>
    dataKeys.open(orgId, { user: _id, provider: '', collection: 'users', field, record: _id }, sealed);
  const contacts = await Promise.all([opened('email', email), opened('username', username)]);
  return {
    userId: _id,
    halves: await Promise.all(
      halves.map(async ({ version, sealed }) => ({ version, bytes: await opened(`half:${version}`, sealed) })),
    ),
    others: [
      ...(accountKey === undefined ? [] : [await opened('accountKey', accountKey)]),
      ...(keyRecord === undefined ? [] : [bytesOf(keyRecord.half), bytesOf(keyRecord.record)]),
    ],
    contacts: contacts.map((bytes) => bytes.toString('utf8')),
  };
}

/** Every session with the key of every JWT, whether or not the backend would still take it. */
function openSessions({ sessions }: Loot, keys: readonly Buffer[]): readonly { readonly half: Buffer | undefined }[] {
  return sessions.flatMap((session) => {
    const { isAdmin, isReauthenticated, signedInAt, expiresAt, orgId, userId, _id, sealed } = session;
    const rights = [isAdmin, isReauthenticated, signedInAt.getTime(), expiresAt.getTime()].join(':');
    const place = { region: REGION, org: orgId, user: userId, provider: 'salesforce', collection: 'sessions' };
    for (const bytes of keys) {
      const opened = tryOpen(bytes, { ...place, field: `sealed:${rights}`, record: _id }, sealed);
      if (opened === undefined) continue;
      const { half } = JSON.parse(opened) as { readonly half?: string };
      return [{ half: half === undefined ? undefined : bytesOf(half) }];
    }
    return [];
  });
}

function openConnection(connection: ConnectionDocument, key: Uint8Array): OpenedTokens | undefined {
  const { _id, orgId, userId, provider, version, sealed } = connection;
  if (sealed === undefined) return undefined;
  const place = { region: REGION, org: orgId, user: userId, provider, collection: 'connections', record: _id };
  const opened = tryOpen(key, { ...place, field: `tokens:${version}` }, sealed);
  if (opened === undefined) return undefined;
  const [accessToken, refreshToken] = JSON.parse(opened) as [string, string];
  return { connectionId: _id, userId, accessToken, refreshToken };
}

/** The name of a key tells nothing to somebody who takes it from the envelope itself. */
function tryOpen(bytes: Uint8Array, place: Place, sealed: string): string | undefined {
  try {
    return open({ version: keyVersionOf(sealed), bytes }, place, sealed).toString('utf8');
  } catch (error) {
    if (error instanceof EnvelopeUnreadable) return undefined;
    throw error;
  }
}

/** The secret that a JWT carries. */
function keyOf(jwt: string): Buffer {
  const claims = JSON.parse(bytesOf(jwt.split('.')[1] ?? '').toString('utf8')) as { readonly key: string };
  return bytesOf(claims.key);
}

/** Everything in files that could be 32 bytes: 64 digits of hex, 43 characters of base64 or base64url. */
async function keysIn(folders: readonly string[]): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  for (const folder of folders)
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      for (const [hex] of text.matchAll(/\b[0-9a-f]{64}\b/gi)) found.push(Buffer.from(hex, 'hex'));
      for (const [word] of text.matchAll(/(?<![\w+/-])[\w+/-]{43}(?![\w+/-])/g))
        found.push(Buffer.from(word, 'base64'));
    }
  return found;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

function distinct(values: readonly Buffer[]): readonly Buffer[] {
  const usable = values.filter(({ length }) => length === KEY_BYTES);
  return [...new Map(usable.map((bytes) => [bytes.toString('hex'), bytes])).values()];
}
