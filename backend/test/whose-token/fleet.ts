import { startChild, type Child } from '../child.ts';
import type { Settings } from '../harness.ts';

/** Backends in processes of their own, which are replaced while reps work. */
export class Fleet {
  readonly #settings: Settings;
  #children: Child[] = [];
  #next = 0;

  private constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @param settings what all of them have in common; @param size how many */
  static async start(settings: Settings, size: number, keys: Settings): Promise<Fleet> {
    const fleet = new Fleet(settings);
    fleet.#children = await Promise.all(Array.from({ length: size }, () => fleet.#launch(keys)));
    return fleet;
  }

  /** One of those that run, in turn. */
  get url(): string {
    this.#next = (this.#next + 1) % this.#children.length;
    return this.#children[this.#next]?.url ?? '';
  }

  /** Replaces one after the other; each answers what it was asked before it ends. */
  async roll(keys: Settings): Promise<void> {
    for (const [slot, old] of this.#children.entries()) {
      this.#children[slot] = await this.#launch(keys);
      await old.stop();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  #launch(keys: Settings): Promise<Child> {
    return startChild('backend/dist/main.js', { ...this.#settings, ...keys });
  }
}
