import { Invalid } from './problems.ts';

/** What seals the place where a list goes on; vault/ gives one, as http/ knows no room. */
export interface CursorSealer {
  seal(orgId: string, place: CursorPlace, plaintext: string): Promise<string>;
  open(orgId: string, place: CursorPlace, sealed: string): Promise<Buffer>;
}

interface CursorPlace {
  readonly user: string;
  readonly provider: string;
  readonly collection: string;
  readonly field: string;
  readonly record: string;
}

/** Whose list it is, and which. */
export interface CursorOf {
  readonly orgId: string;
  readonly userId: string;
  /** Names the list with all that chooses its rows, e.g. `contacts 001...`. */
  readonly list: string;
}

/**
 * Cursors that hold a value of the CRM or an address of a provider: sealed for one rep and one list, so that nobody reads
 * them on their way, and nobody makes one.
 */
export class Cursors {
  readonly #sealer: CursorSealer;

  constructor(sealer: CursorSealer) {
    this.#sealer = sealer;
  }

  seal(of: CursorOf, values: readonly string[]): Promise<string> {
    return this.#sealer.seal(of.orgId, place(of), JSON.stringify(values));
  }

  /** @throws Invalid it was not made for this rep and list */
  async open(of: CursorOf, cursor: string): Promise<readonly string[]> {
    try {
      return JSON.parse((await this.#sealer.open(of.orgId, place(of), cursor)).toString('utf8')) as readonly string[];
    } catch (error) {
      // The vault's own word for "not sealed with this key at this place"; anything else is no fault of the caller's.
      if (error instanceof Error && (error.name === 'EnvelopeUnreadable' || error.name === 'DataKeyMissing'))
        throw new Invalid('cursor', 'cursor', 'This cursor does not belong to this list. Begin at its first page.');
      throw error;
    }
  }
}

function place({ userId, list }: CursorOf): CursorPlace {
  return { user: userId, provider: '', collection: 'cursors', field: list, record: '' };
}
