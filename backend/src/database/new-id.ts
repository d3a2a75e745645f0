import { randomFillSync } from 'node:crypto';

/** What our opaque ids are of; a log line takes these only. */
export type IdKind = 'org' | 'usr' | 'ses' | 'req' | 'job' | 'rcp' | 'act' | 'prc' | 'dbs';

const ID_BYTES = 16;
/** Random bytes are fetched for many ids at once: one call of the generator costs as much as 100 ids. */
const pool = Buffer.alloc(ID_BYTES * 256);
let used = pool.length;

/** A fresh opaque id: its kind and 128 random bits as 22 base64url characters, e.g. `usr_8mZQ4yq0n2b1oW5rT7xv-A`. */
export function newId<Kind extends IdKind>(kind: Kind): `${Kind}_${string}` {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return `${kind}_${pool.toString('base64url', used - ID_BYTES, used)}`;
}
