import { withChecksum } from '../org/ids.ts';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import type { Row } from '../org/schema.ts';
import { SalesforceError } from '../error.ts';
import type { Projection } from '../soql/select.ts';

/** Open cursors that a user may have; the one used longest ago closes when there are more. */
const MAX_OPEN = 10;
/** Cursors read to the end that are kept so that a page can be asked for again. */
const MAX_FINISHED = 2;
/** A cursor that nobody used this long is closed. */
const IDLE_MS = 15 * 60_000;

/** A result that is being read page by page. The rows are those of the query; what they hold is read per page. */
export interface Cursor {
  readonly userId: string;
  readonly rows: readonly Row[];
  readonly project: Projection;
  /** Page size of the call that opened it. */
  readonly pageSize: number;
  /** The org's life in which it was opened. */
  readonly life: number;
  usedAt: number;
  finished: boolean;
}

/** Locators of results, each for the user who asked. */
export class Cursors {
  readonly #org: SalesforceOrg;
  readonly #open = new Map<string, Cursor>();
  #sequence = 0;

  constructor(org: SalesforceOrg) {
    this.#org = org;
  }

  /** Keeps a result. @returns its locator, 18 characters */
  open(user: OrgUser, rows: readonly Row[], project: Projection, pageSize: number): string {
    const now = this.#org.clock.now();
    for (const [id, { usedAt }] of this.#open) if (now - usedAt > IDLE_MS) this.#open.delete(id);
    this.#limit(user.id, (cursor) => cursor.finished, MAX_FINISHED);
    this.#limit(user.id, (cursor) => !cursor.finished, MAX_OPEN - 1);
    const id = withChecksum(`01gRO00000${(++this.#sequence).toString(36).toUpperCase().padStart(5, '0')}`);
    this.#open.set(id, {
      userId: user.id,
      rows,
      project,
      pageSize,
      life: this.#org.resets,
      usedAt: now,
      finished: false,
    });
    return id;
  }

  /** @throws SalesforceError INVALID_QUERY_LOCATOR for another user's, an expired or a closed one */
  use(user: OrgUser, id: string): Cursor {
    const cursor = this.#open.get(id);
    const now = this.#org.clock.now();
    const isOwn = cursor?.userId === user.id && cursor.life === this.#org.resets;
    if (!isOwn || now - cursor.usedAt > IDLE_MS) throw invalidLocator();
    cursor.usedAt = now;
    // Again at the end of the map, so that the first of it is the one used longest ago.
    this.#open.delete(id);
    this.#open.set(id, cursor);
    return cursor;
  }

  #limit(userId: string, which: (cursor: Cursor) => boolean, most: number): void {
    const own = [...this.#open].filter(([, cursor]) => cursor.userId === userId && which(cursor));
    for (const [id] of own.slice(0, Math.max(0, own.length - most))) this.#open.delete(id);
  }
}

export const invalidLocator = (): SalesforceError =>
  new SalesforceError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
