import type { ErasableMemory } from './memory.ts';

/** Answers of one org that are kept, and the largest that is: together less than a megabyte. */
const MAX_ANSWERS = 32;
const MAX_BYTES = 32 * 1024;
/**
 * Questions that were asked once and may be asked again: as many as there are answers. One that comes back after more
 * others than that would find its answer gone the next time, too, and all that copying would have been for nothing.
 */
const MAX_ASKED = MAX_ANSWERS;

interface Answer {
  readonly listId: string;
  readonly bytes: Buffer;
  /** Responses that are being sent from it. */
  senders: number;
  isForgotten: boolean;
}

/** An answer to be sent; its bytes stay until `done` is called. */
export interface SentAnswer {
  readonly bytes: Buffer;
  readonly done: () => void;
}

/**
 * Whole answers that were asked for at least twice, as they are sent: several parts of a Salesforce page ask for the same
 * first page at the same time, and cutting and compressing it again costs more than all the rest. They are overwritten
 * with their list; one that is being sent at that moment is overwritten when it is out.
 */
export class RecentAnswers {
  readonly #memory: ErasableMemory;
  readonly #answers = new Map<string, Answer>();
  /** ETags of what was asked once. */
  readonly #asked = new Set<string>();

  constructor(memory: ErasableMemory) {
    this.#memory = memory;
  }

  /** @param etag names list, question and encoding */
  find(etag: string): SentAnswer | undefined {
    const answer = this.#answers.get(etag);
    if (answer === undefined) return undefined;
    answer.senders += 1;
    let isSent = false;
    const done = (): void => {
      if (isSent) return;
      isSent = true;
      answer.senders -= 1;
      if (answer.isForgotten && answer.senders === 0) this.#memory.release(answer.bytes);
    };
    return { bytes: answer.bytes, done };
  }

  /** Keeps a copy of an answer, if it was asked for before. */
  offer(listId: string, etag: string, bytes: Buffer): void {
    if (bytes.length > MAX_BYTES || this.#answers.has(etag)) return;
    if (!this.#asked.delete(etag)) {
      this.#asked.add(etag);
      if (this.#asked.size > MAX_ASKED) this.#asked.delete(first(this.#asked));
      return;
    }
    this.#answers.set(etag, { listId, bytes: this.#memory.copy(bytes, bytes.length), senders: 0, isForgotten: false });
    if (this.#answers.size > MAX_ANSWERS) this.#forget(first(this.#answers));
  }

  /** Forgets all answers of a list. */
  erase(listId: string): void {
    for (const [etag, answer] of this.#answers) if (answer.listId === listId) this.#forget(etag);
  }

  #forget(etag: string): void {
    const answer = this.#answers.get(etag);
    if (answer === undefined) return;
    this.#answers.delete(etag);
    answer.isForgotten = true;
    if (answer.senders === 0) this.#memory.release(answer.bytes);
  }
}

/** The oldest key. */
function first(keys: Set<string> | Map<string, unknown>): string {
  const { value } = keys.keys().next();
  return value ?? '';
}
