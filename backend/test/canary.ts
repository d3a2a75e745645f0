import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

/** A word that nobody can guess and that folding, title case and JSON leave as it is. */
export const canary = (): string => `canary${randomBytes(12).toString('hex')}`;

/** Where a canary was found, and in which spelling. */
export interface Sighting {
  readonly file: string;
  readonly canary: string;
  readonly spelling: string;
}

/**
 * Searches every byte of every file below a folder for values that must not be there: in plain, in upper case, as
 * UTF-16, as hexadecimal, and as base64 and base64url in each of the three alignments.
 */
export async function findCanaries(folder: string, canaries: readonly string[]): Promise<readonly Sighting[]> {
  const found: Sighting[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    for (const value of canaries)
      for (const [spelling, needle] of spellings(value))
        if (bytes.includes(needle)) found.push({ file, canary: value, spelling });
  }
  return found;
}

function spellings(value: string): readonly (readonly [string, Buffer])[] {
  const utf8 = Buffer.from(value, 'utf8');
  return [
    ['plain', utf8],
    ['upper case', Buffer.from(value.toUpperCase(), 'utf8')],
    ['UTF-16', Buffer.from(value, 'utf16le')],
    ['hexadecimal', Buffer.from(utf8.toString('hex'), 'utf8')],
    ['percent-encoded', Buffer.from(encodeURIComponent(value), 'utf8')],
    ...[0, 1, 2].flatMap((before) => {
      // What stands before shifts the alignment; the characters that depend on neighbours are left off.
      const text = Buffer.concat([Buffer.alloc(before), utf8])
        .toString('base64')
        .replace(/=+$/, '');
      const stable = text.slice(before === 0 ? 0 : before + 1, -1);
      return [
        [`base64 +${before}`, Buffer.from(stable, 'utf8')],
        [`base64url +${before}`, Buffer.from(stable.replaceAll('+', '-').replaceAll('/', '_'), 'utf8')],
      ] as const;
    }),
  ];
}
