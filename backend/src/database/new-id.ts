import { randomFillSync } from 'node:crypto';

/** What our opaque ids are of; a log line takes these only. */
export type IdKind = 'org' | 'usr' | 'ses' | 'req' | 'job' | 'rcp' | 'act' | 'prc' | 'dbs';

const ID_CHARS = 22;
/** Whole groups of four characters, which are three bytes, so that many ids stand in one text. */
const STRIDE = 24;
/** Random bytes are fetched and written for many ids at once: one call costs as much as 100 ids. */
const bytes = Buffer.alloc(256 * (STRIDE / 4) * 3);
let pool = '';
let used = 0;

/** A fresh opaque id: its kind and 132 random bits as 22 base64url characters, e.g. `usr_8mZQ4yq0n2b1oW5rT7xv-k`. */
export function newId<Kind extends IdKind>(kind: Kind): `${Kind}_${string}` {
  if (used === pool.length) {
    pool = randomFillSync(bytes).toString('base64url');
    used = 0;
  }
  const id = pool.slice(used, used + ID_CHARS);
  used += STRIDE;
  return `${kind}_${id}`;
}
