import NodeCache from 'node-cache';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { PullEnded, type ListPull } from './list-pull.ts';

/** Why a list left memory; the words of the log. */
export type Reason = 'expired' | 'signed_out' | 'revoked' | 'cache_off' | 'replaced' | 'stopping';

/** Complete lists in memory, each until its time is over; none leaves without being overwritten (DESIGN 4). */
export class KeptLists {
  readonly #log: Log;
  readonly #onErased: (orgId: string) => void;
  readonly #lists = new NodeCache({ useClones: false, checkperiod: 0 });
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @param onErased told of a list that went in slices, once it is gone, and of one whose time came */
  constructor(log: Log, onErased: (orgId: string) => void) {
    this.#log = log;
    this.#onErased = onErased;
    // node-cache drops a value whose time is over when it is asked for, before a timer that is late.
    this.#lists.on('expired', (_key: string, late: ListPull) => this.#erase(late, 'expired'));
  }

  /** The list of a key if its time is not over; timers can be late. */
  get(key: string): ListPull | undefined {
    const kept = this.#lists.get<ListPull>(key);
    if (kept === undefined || kept.expiresAt > Date.now()) return kept;
    this.drop(key, 'expired');
    return undefined;
  }

  all(): ListPull[] {
    return this.#lists
      .keys()
      .map((key) => this.#lists.get<ListPull>(key))
      .filter((kept) => kept !== undefined);
  }

  /** Keeps a list for what is left of its time, in the place of the one before it. */
  keep(key: string, list: ListPull): void {
    this.drop(key, 'replaced');
    const leftMs = list.expiresAt - Date.now();
    if (leftMs <= 0) {
      list.list.erase();
      return;
    }
    this.#lists.set(key, list, Math.ceil(leftMs / 1_000));
    const timer = setTimeout(() => {
      this.drop(key, 'expired');
      this.#onErased(list.orgId);
    }, leftMs);
    this.#timers.set(key, timer.unref());
  }

  /** Erases the list of a key, if there is one. */
  drop(key: string, reason: Reason): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const kept = this.#lists.take<ListPull>(key);
    if (kept !== undefined) this.#erase(kept, reason);
  }

  /** To be called when all lists were dropped. */
  close(): void {
    this.#lists.close();
  }

  #erase(kept: ListPull, reason: Reason): void {
    const { orgId: org, userId: rep } = kept;
    const rows = kept.list.size;
    const erased = (): void => this.#log.info(events.accountsErased, { org, rep, rows, reason });
    if (reason === 'expired' || reason === 'replaced') {
      void kept.eraseInSlices().then(() => {
        erased();
        this.#onErased(org);
      });
      return;
    }
    kept.erase(new PullEnded());
    erased();
  }
}
