import type { ProviderName } from './providers.ts';

/** A mail that a stand-in accepted. */
export interface AcceptedMail {
  readonly provider: ProviderName;
  /** Whose account sent it. */
  readonly username: string;
  /** As it was handed in: Gmail's MIME text, Graph's JSON text. */
  readonly raw: string;
}

/** How many mails are remembered; the oldest go first. */
const limit = 10_000;

/** The mails that were accepted, for tests to look at; nobody gets them. */
export class Mails {
  #rows: AcceptedMail[] = [];

  accept(mail: AcceptedMail): void {
    if (this.#rows.length >= limit) this.#rows = this.#rows.slice(limit / 10);
    this.#rows.push(mail);
  }

  list(): readonly AcceptedMail[] {
    return this.#rows;
  }

  clear(): void {
    this.#rows = [];
  }
}
