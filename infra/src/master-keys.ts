import { readFileSync } from 'node:fs';
import type { Region } from './regions.js';

/**
 * What a master key is for, from its making to its end.
 * - `wraps`: it wraps keys and opens what it wrapped: `KMS_KEY_ID`.
 * - `yields`: as `opens`, and processes of before the update that names another one as `wraps` may wrap with it to their end.
 * - `opens`: it opens what it wrapped, before it wraps at all or while that is moved from it: `KMS_PREVIOUS_KEY_ID`.
 * - `kept`: disabled, and nobody may use it; a backup of before the move needs it still.
 * - `gone`: the stack has nothing of it any more. The key itself stays in KMS until somebody schedules its deletion.
 */
export type KeyUse = (typeof USES)[number];
const USES = ['wraps', 'yields', 'opens', 'kept', 'gone'] as const;

/** The master keys that a region ever had, the oldest first: a key's place is its number, so none is ever taken out. */
export type MasterKeyUses = readonly KeyUse[];

/** The list of infra/master-keys.json; docs/runbook.md says how its lines change while a master key is moved. */
export const readMasterKeys = (regions: readonly Region[]): ReadonlyMap<string, MasterKeyUses> =>
  checkMasterKeys(regions, JSON.parse(readFileSync(new URL('../master-keys.json', import.meta.url), 'utf8')) as object);

/**
 * @param list uses by region
 * @throws TypeError the line of a region is missing or is of none, or a backend could not start with it
 */
export function checkMasterKeys(regions: readonly Region[], list: object): ReadonlyMap<string, MasterKeyUses> {
  const lines = new Map(Object.entries(list) as [string, unknown][]);
  for (const name of lines.keys())
    if (!regions.some((region) => region.name === name))
      throw new TypeError(`infra/master-keys.json: there is no region ${name}`);
  return new Map(regions.map(({ name }) => [name, usesOf(name, lines.get(name))]));
}

function usesOf(name: string, line: unknown): MasterKeyUses {
  const refused = (why: string): TypeError => new TypeError(`infra/master-keys.json: region ${name} ${why}`);
  if (!Array.isArray(line)) throw refused('names no master keys');
  const uses = line as KeyUse[];
  if (!uses.every((use) => USES.includes(use))) throw refused(`has a key that is none of ${USES.join(', ')}`);
  if (uses.filter((use) => use === 'wraps').length !== 1) throw refused('must have one key that wraps');
  if (uses.filter((use) => use === 'yields' || use === 'opens').length > 1)
    throw refused('has more than two keys in use: a backend opens KMS_KEY_ID and KMS_PREVIOUS_KEY_ID');
  return uses;
}
