import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beatOf, isEntry, LedgerUnavailable, type Ledger, type LedgerEntry, type LedgerEvent } from './ledger.ts';

/**
 * A ledger in a file: a line of JSON for each entry, appended and synced, so that several processes may share it; the
 * beat in a file beside it. For development, and for a volume that no backup of the database covers.
 */
export class FileLedger implements Ledger {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws LedgerUnavailable the file cannot be made or read */
  static async open(path: string): Promise<FileLedger> {
    const ledger = new FileLedger(path);
    await ledger.#try('cannot be made', () => mkdir(dirname(path), { recursive: true, mode: 0o700 }));
    await ledger.beat();
    await ledger.since(Number.MAX_SAFE_INTEGER);
    return ledger;
  }

  async append(event: LedgerEvent): Promise<void> {
    const now = new Date();
    const line = JSON.stringify({ at: now.toISOString(), beat: beatOf(now.getTime()), ...event });
    await this.#try('cannot be written', async () => {
      const file = await open(this.#path, 'a', 0o600);
      try {
        // The line feed before it ends a line that a killed process left half written.
        await file.appendFile(`\n${line}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  async since(beat: number): Promise<readonly LedgerEntry[]> {
    const text = await this.#read(this.#path);
    return text
      .split('\n')
      .map(parsed)
      .filter(isEntry)
      .filter((entry) => entry.beat >= beat);
  }

  async beat(): Promise<number> {
    const beat = Number(await this.#read(`${this.#path}.beat`));
    return Number.isSafeInteger(beat) ? beat : 0;
  }

  /** Written beside and moved into place: a reader sees the old one or the new one. */
  async raise(beat: number): Promise<void> {
    if ((await this.beat()) >= beat) return;
    const beside = `${this.#path}.beat.${randomBytes(6).toString('hex')}`;
    await this.#try('cannot be written', async () => {
      try {
        const file = await open(beside, 'wx', 0o600);
        try {
          await file.writeFile(`${beat}\n`);
          await file.datasync();
        } finally {
          await file.close();
        }
        await rename(beside, `${this.#path}.beat`);
      } catch (error) {
        await unlink(beside).catch(() => undefined);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    // Nothing stays open between two calls.
  }

  async #read(path: string): Promise<string> {
    return this.#try('cannot be read', async () => {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return '';
        throw error;
      }
    });
  }

  async #try<T>(why: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch {
      throw new LedgerUnavailable(`${why}; where LEDGER_URI is not set it lies in DATA_DIR`);
    }
  }
}

/** @returns undefined for a line that was never finished: whoever wrote it was never told that it is there */
function parsed(line: string): unknown {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
