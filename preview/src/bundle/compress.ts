import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Quality 5 takes a tenth of the time of 11 and costs 15 % of the size. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Writes `x.br` and `x.gz` beside each text file of a folder, so that the server compresses nothing. */
export async function compressFolder(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => /\.(js|css|svg|json)$/.test(name))) {
    const path = join(folder, file);
    const content = await readFile(path);
    const [br, gz] = await Promise.all([brotli(content, BROTLI), deflate(content, { level: 6 })]);
    await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
  }
}
