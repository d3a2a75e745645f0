import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { call } from './sign-in.ts';

const run = promisify(execFile);

/** Checks a signed document as a customer does: with the script alone, on files. Answers what it printed. */
export async function verifyDocument(url: string, document: unknown): Promise<string> {
  const keys = await call(url, 'GET', '/v1/privacy/keys', undefined, {});
  const folder = await mkdtemp(join(tmpdir(), 'oneshot-verify-'));
  const script = fileURLToPath(new URL('../../scripts/verify.mjs', import.meta.url));
  try {
    await writeFile(join(folder, 'document.json'), JSON.stringify(document));
    await writeFile(join(folder, 'keys.json'), JSON.stringify(keys.body));
    const { stdout } = await run(process.execPath, [
      script,
      'document',
      join(folder, 'document.json'),
      join(folder, 'keys.json'),
    ]);
    return stdout.trim();
  } catch (error) {
    return String((error as { readonly stderr?: unknown }).stderr).trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}
