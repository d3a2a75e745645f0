import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { consent, passPopup, pkcePair, redeem, RepClient, start, textOf, visitCallback } from '../../test/sign-in.ts';
import { open } from '../vault/envelope.ts';

const REP = 'rep.one@demo.example';

test('no file and no log line of sign-ins, good and bad, holds a token, a secret or anything of the person', async () => {
  const stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  try {
    const secrets = new Map<string, string>([
      ['email', REP],
      ['name', 'Robin Onesmith'],
      ['instance', `${stack.sandbox.url}/salesforce`],
      ['page', stack.backend.origin],
    ]);
    const pair = pkcePair();
    const { location, cookie } = await start(stack.backend, { pair });
    const callback = await consent(location, REP, 'allow');
    const page = await visitCallback(stack.backend, callback, cookie);
    const code = textOf(page.message.code);
    const rep = new RepClient(stack.backend, (await redeem(stack.backend, code, pair.verifier, 'k'.repeat(22))).body);
    expect((await rep.get('/v1/me')).status).toBe(200);

    const claims = JSON.parse(Buffer.from(rep.token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Claims;
    secrets.set('verifier', pair.verifier);
    secrets.set('challenge', pair.challenge);
    secrets.set('state', new URL(location).searchParams.get('state') ?? '');
    secrets.set('cookie', cookie.split('=')[1] ?? '');
    secrets.set("Salesforce's code", new URL(callback).searchParams.get('code') ?? '');
    secrets.set('one-time code', code);
    secrets.set('JWT', rep.token);
    secrets.set('key', claims.key);
    secrets.set('access token', await accessTokenOf(stack, claims));

    // A trip left half way, a refusal, a replay, a sign-out and a wrong code leave nothing either.
    await passPopup(stack.backend, REP);
    await passPopup(stack.backend, REP, { decision: 'deny' });
    await redeem(stack.backend, code, pkcePair().verifier);
    const outsider = pkcePair();
    const refused = await passPopup(stack.backend, 'outsider@demo.example', { pair: outsider });
    await redeem(stack.backend, textOf(refused.message.code), outsider.verifier);
    secrets.set('email of who was refused', 'outsider@demo.example');
    for (const [name, secret] of secrets) expect({ name, length: secret.length > 8 }).toEqual({ name, length: true });

    const found: string[] = [];
    for (const [place, bytes] of await everythingWritten(stack)) {
      for (const [name, secret] of secrets)
        for (const form of formsOf(secret)) if (bytes.includes(form)) found.push(`${name} in ${place}`);
    }
    expect(found).toEqual([]);
  } finally {
    await stack.close();
  }
}, 240_000);

test('the search finds what is planted', () => {
  const haystack = Buffer.from(`xx${Buffer.from(`yyy${REP}zz`).toString('base64')}xx`);
  expect(formsOf(REP).some((form) => haystack.includes(form))).toBe(true);
  expect(formsOf(REP).some((form) => Buffer.from(Buffer.from(REP).toString('hex')).includes(form))).toBe(true);
  expect(formsOf(REP).some((form) => Buffer.from(REP, 'utf16le').includes(form))).toBe(true);
});

interface Claims {
  readonly sid: string;
  readonly key: string;
}

/** Opens the session as only the JWT's owner can, to know what to look for. */
async function accessTokenOf(stack: Stack, { sid, key }: Claims): Promise<string> {
  const databases = await openDatabases(stack.settings);
  try {
    const stored = await databases.sessions.collection('sessions').findOne({ _id: sid as never });
    if (stored === null) throw new Error('No session');
    const rights = [
      stored.isAdmin,
      stored.isReauthenticated,
      +(stored.signedInAt as Date),
      +(stored.expiresAt as Date),
    ];
    const place = {
      region: 'us',
      org: String(stored.orgId),
      user: String(stored.userId),
      provider: 'salesforce',
      collection: 'sessions',
      field: `sealed:${rights.join(':')}`,
      record: sid,
    };
    expect(createHash('sha256').update(Buffer.from(key, 'base64url')).digest('base64url')).toBe(stored.keyHash);
    const opened = open({ version: 'key', bytes: Buffer.from(key, 'base64url') }, place, String(stored.sealed));
    return (JSON.parse(opened.toString('utf8')) as { accessToken: string }).accessToken;
  } finally {
    await databases.close();
  }
}

/** Every file of the data folder, database and journal included, and every log line. */
async function everythingWritten(stack: Stack): Promise<readonly (readonly [string, Buffer])[]> {
  const names = await readdir(stack.dataDir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(2);
  return [
    ...(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const))),
    ['the log', Buffer.from(stack.backend.raw.join('\n'))],
  ];
}

/** A value as it is, in hex, in UTF-16, and in base64 at each of its three offsets without the characters that depend on the neighbours. */
function formsOf(value: string): readonly Buffer[] {
  const bytes = Buffer.from(value);
  const forms = [bytes, Buffer.from(value, 'utf16le'), Buffer.from(bytes.toString('hex'))];
  forms.push(Buffer.from(bytes.toString('hex').toUpperCase()));
  for (let offset = 0; offset < 3; offset += 1) {
    const inside = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const middle = inside.slice(offset === 0 ? 0 : offset + 1, -2);
    forms.push(Buffer.from(middle), Buffer.from(middle.replaceAll('+', '-').replaceAll('/', '_')));
  }
  // What is base64url itself may also lie there as the bytes that it spells.
  if (/^[\w-]{43}$/.test(value)) forms.push(Buffer.from(value, 'base64url'));
  return forms;
}
