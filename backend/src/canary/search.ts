import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a search went through, and what it found. */
export interface Searched {
  readonly files: number;
  readonly bytes: number;
  /** Planted values that lie somewhere, each counted once. */
  readonly found: number;
}

/** Searches every byte of every file below a folder, in the spellings that data travels in. */
export async function searchFolder(folder: string, values: readonly string[]): Promise<Searched> {
  const needles = values.map((value) => ({ value, spellings: spellingsOf(value) }));
  const found = new Set<string>();
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name));
    files += 1;
    bytes += content.length;
    for (const { value, spellings } of needles)
      if (spellings.some((spelling) => content.includes(spelling))) found.add(value);
  }
  return { files, bytes, found: found.size };
}

/** Plain, upper case, UTF-16, hexadecimal, and base64 in each of its three alignments. */
function spellingsOf(value: string): readonly Buffer[] {
  const utf8 = Buffer.from(value, 'utf8');
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    return Buffer.from(text.slice(before === 0 ? 0 : before + 1, -1));
  });
  return [
    utf8,
    Buffer.from(value.toUpperCase()),
    Buffer.from(value, 'utf16le'),
    Buffer.from(utf8.toString('hex')),
    ...base64,
  ];
}
