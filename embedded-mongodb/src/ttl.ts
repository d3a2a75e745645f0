import { encodeKey } from './bson/key.ts';
import { RANK } from './bson/compare.ts';
import type { Engine } from './storage/engine.ts';

/** Deletes the documents whose TTL index says that their time is over. Dates before 1970 expire too. */
export function removeExpired(engine: Engine, now = Date.now()): number {
  let removed = 0;
  for (const database of engine.databases.values())
    for (const collection of database.collections.values())
      for (const index of collection.indexes) {
        const seconds = index.spec.expireAfterSeconds;
        if (seconds === undefined) continue;
        const descending = index.spec.pattern[0]?.descending ?? false;
        const limit = encodeKey([new Date(now - seconds * 1000)], [descending]);
        const edge = Buffer.from([descending ? 256 - RANK.date : RANK.date]);
        const interval = descending
          ? { low: limit, high: edge }
          : { low: edge, high: Buffer.concat([limit, Buffer.from([255])]) };
        for (const rid of [...new Set(collection.entries(index, interval))]) {
          const bytes = collection.get(rid);
          if (!bytes) continue;
          collection.remove(rid, bytes);
          removed++;
        }
      }
  return removed;
}
