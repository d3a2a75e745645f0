import type { Audit, AuditEvent } from './audit.ts';

/** What happens often: the trail gets the first of a minute at once, and how many more there were at its end. */
export class MinuteCounts {
  readonly #audit: Audit;
  readonly #minuteMs: number;
  readonly #running = new Map<string, { readonly event: AuditEvent; more: number; readonly timer: NodeJS.Timeout }>();
  readonly #writing = new Set<Promise<void>>();

  /** @param minuteMs for tests; a minute */
  constructor(audit: Audit, minuteMs = 60_000) {
    this.#audit = audit;
    this.#minuteMs = minuteMs;
  }

  /**
   * Counts one. The first of its kind in a minute is stored when this returns; how many followed is a second entry, its
   * target with `_x<count>` behind it.
   * @throws TypeError what `Audit.append` refuses; what the database throws, at the first one
   */
  async count(event: AuditEvent): Promise<void> {
    const name = JSON.stringify([event.orgId, event.actor, event.action, event.target]);
    const running = this.#running.get(name);
    if (running !== undefined) {
      running.more += 1;
      return;
    }
    const timer = setTimeout(() => this.#end(name), this.#minuteMs).unref();
    this.#running.set(name, { event, more: 0, timer });
    try {
      await this.#audit.append(event);
    } catch (error) {
      clearTimeout(timer);
      this.#running.delete(name);
      throw error;
    }
  }

  /** Writes what was counted so far. Close it before the trail itself. */
  async close(): Promise<void> {
    for (const name of [...this.#running.keys()]) this.#end(name);
    await Promise.allSettled(this.#writing);
  }

  #end(name: string): void {
    const counted = this.#running.get(name);
    if (counted === undefined) return;
    clearTimeout(counted.timer);
    this.#running.delete(name);
    if (counted.more === 0) return;
    const { event, more } = counted;
    const written = this.#audit.append({ ...event, target: `${event.target}_x${more}` }).catch(() => undefined);
    this.#writing.add(written);
    void written.then(() => this.#writing.delete(written));
  }
}
