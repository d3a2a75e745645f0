import type { MasterKey } from './master-key.ts';
import { masterKeysInUse, type KeptPurpose, type WrappedPlaces } from './wrapped-keys.ts';

export interface MoveOptions {
  readonly places: WrappedPlaces;
  readonly from: MasterKey;
  readonly to: MasterKey;
  /** Ends the move between two keys; what is moved by then stays moved. */
  readonly signal?: AbortSignal;
}

export interface Moved {
  /** How many keys of each kind were wrapped anew (`signing-key`: those that sign proofs, too). */
  readonly moved: Readonly<Record<KeptPurpose, number>>;
  /** How many another process changed meanwhile: run again until that is 0. */
  readonly changedMeanwhile: number;
  /** Whether anything still lies under another key than `to`: as long as it does, the old key is needed. */
  readonly isComplete: boolean;
}

/**
 * Wraps every key that `from` wrapped under `to`: from the key file to KMS, or from one key of KMS to the next. No value is
 * sealed anew and no rep is needed. Each key is one write, which happens only if nobody changed that key meanwhile: so it
 * can be ended at any moment and run again, by several at once, beside processes that serve (they open both while
 * `KMS_PREVIOUS_KEY_ID` is set).
 * @throws MasterKeyMismatch a key that says `from` wrapped it does not open; KeysUnavailable KMS is away
 */
export async function moveMasterKey({ places, from, to, signal }: MoveOptions): Promise<Moved> {
  const moved: Record<KeptPurpose, number> = { 'data-key': 0, 'signing-key': 0 };
  let changedMeanwhile = 0;
  for (const [purpose, place] of Object.entries(places) as [KeptPurpose, WrappedPlaces[KeptPurpose]][])
    for await (const { masterKey, wrapped, context, replace } of place.all()) {
      if (masterKey !== from.id) continue;
      signal?.throwIfAborted();
      const key = await from.unwrap(wrapped, context);
      let anew: string;
      try {
        anew = await to.wrap(key, context);
      } finally {
        key.fill(0);
      }
      if (await replace(anew, to)) moved[purpose] += 1;
      else changedMeanwhile += 1;
    }
  const inUse = await masterKeysInUse(places);
  return { moved, changedMeanwhile, isComplete: [...inUse].every((id) => id === to.id) };
}
