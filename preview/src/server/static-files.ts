import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
};

/** A file of the site in the encodings that the build wrote. */
export interface StaticFile {
  type: string;
  /** `br` and `gzip` only where they were written. */
  encodings: Map<'br' | 'gzip' | 'identity', Buffer>;
}

/** Reads the whole site into memory (some 5 MB): nothing outside it can be asked for. Keys are URL paths. */
export async function readSite(folder: string): Promise<Map<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of names) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const encodings: StaticFile['encodings'] = new Map([['identity', await readFile(path)]]);
    for (const [encoding, suffix] of [
      ['br', '.br'],
      ['gzip', '.gz'],
    ] as const) {
      const encoded = await readFile(path + suffix).catch(() => undefined);
      if (encoded) encodings.set(encoding, encoded);
    }
    files.set(path.slice(folder.length).replaceAll('\\', '/'), { type, encodings });
  }
  return files;
}

/** The best encoding that the client accepts. RFC 9110, 12.5.3; a `q` of 0 refuses. */
export function chooseEncoding(file: StaticFile, accepted: string | undefined): 'br' | 'gzip' | 'identity' {
  const refused = /;\s*q=0(\.0*)?\s*$/;
  const names = (accepted ?? '')
    .split(',')
    .filter((item) => !refused.test(item))
    .map((item) => item.split(';')[0]?.trim().toLowerCase());
  return (['br', 'gzip'] as const).find((name) => names.includes(name) && file.encodings.has(name)) ?? 'identity';
}
