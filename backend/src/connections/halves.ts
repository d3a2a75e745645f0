import type { Rep } from '../auth/rep.ts';
import type { OurHalf, RepKeys } from '../auth/rep-keys.ts';
import type { OpenSession, Sessions } from '../auth/sessions.ts';
import { CrmUnavailable } from '../salesforce/errors.ts';
import { halfName } from '../vault/split-key.ts';
import { findOrMakeKeyRecord, type KeyNames } from './key-record.ts';

/** The customer's half of a rep's key, or why it cannot be used. */
export type CustomersHalf =
  | { readonly kind: 'usable'; readonly half: Buffer; readonly name: string }
  /** The object is not there, or the rep may make no record. `key_object_missing`. */
  | { readonly kind: 'missing' }
  /** The record that we accepted holds another half now: somebody edited it. */
  | { readonly kind: 'edited' }
  | { readonly kind: 'unreadable' };

export type UsableHalf = CustomersHalf & { readonly kind: 'usable' };

export interface HalvesParts {
  readonly sessions: Sessions;
  readonly repKeys: RepKeys;
  readonly names: KeyNames;
}

/** A half that cannot be used is looked for again after this, in milliseconds: an admin may be mending it right now. */
const LOOK_AGAIN_MS = 5_000;

/** One look-up in Salesforce, in milliseconds, whoever waits for it. */
const LOOKUP_MS = 30_000;

/** After a sign-in, if no list was asked for by then, in milliseconds. */
const WARM_UP_MS = 2_000;

interface Found {
  readonly half: Promise<CustomersHalf>;
  /** `performance.now()`; from then on it is looked for again. */
  readonly until: number;
}

/**
 * Both halves of the reps' keys. The customer's is read live as the rep, once a session, beside the account pull; it is
 * kept in the session alone, sealed under the JWT's `key`, where other processes find it (DESIGN 6).
 */
export class Halves {
  readonly #parts: HalvesParts;
  /** By session: look-ups that run, and half-lives of halves that cannot be used. */
  readonly #found = new WeakMap<OpenSession, Found>();
  /** By session: halves that were looked up anew. */
  readonly #anew = new WeakMap<OpenSession, Found>();
  readonly #ours = new WeakMap<OpenSession, readonly OurHalf[]>();
  readonly #warmUps = new Map<string, { readonly timer: NodeJS.Timeout; readonly start: () => void }>();

  constructor(parts: HalvesParts) {
    this.#parts = parts;
  }

  /**
   * Looks the half up once the rep has the first rows, or soon if they ask for none. Nobody waits for it.
   * @param whenUsable what to do with it then
   */
  warmUp(session: OpenSession, whenUsable: (rep: Rep) => Promise<void>): void {
    const { sessionId } = session.rep;
    const start = (): void => {
      clearTimeout(this.#warmUps.get(sessionId)?.timer);
      this.#warmUps.delete(sessionId);
      this.#customersOf(session)
        .then((half) => (half.kind === 'usable' ? whenUsable(session.rep) : undefined))
        .catch(() => undefined); // met again by whoever needs the half
    };
    if (!this.#warmUps.has(sessionId))
      this.#warmUps.set(sessionId, { timer: setTimeout(start, WARM_UP_MS).unref(), start });
  }

  /** The rep of this session has their first rows. */
  rowsServed(sessionId: string): void {
    this.#warmUps.get(sessionId)?.start();
  }

  /**
   * The customer's half, found or made.
   * @param name of the half that something lies under. Where this session knows another one, the record is read anew: it
   *   may have been deleted and made again since this session began, and another tab uses the new one.
   * @throws SessionEnded; the Crm errors: then nothing is known
   */
  async customers(rep: Rep, name?: string): Promise<CustomersHalf> {
    const session = this.#parts.sessions.ofRep(rep);
    const known = await this.#customersOf(session);
    if (name === undefined || known.kind !== 'usable' || known.name === name) return known;
    const newer = newerOf(session);
    return newer?.name === name ? newer : this.#lookUpAnew(session);
  }

  /** The customer's half to seal something new under: the one that was accepted last. @throws as `customers` */
  async customersToSeal(rep: Rep): Promise<CustomersHalf> {
    const { sessions, repKeys } = this.#parts;
    const { orgId, userId } = rep;
    const session = sessions.ofRep(rep);
    const known = await this.#customersOf(session);
    if (known.kind !== 'usable') return known;
    const half = newerOf(session) ?? known;
    const accepted = await repKeys.keyRecord(orgId, userId);
    const mark = await repKeys.mark(orgId, userId, 'half', half.half.toString('base64'));
    return accepted?.half === mark ? half : this.#lookUpAnew(session);
  }

  /** The customer's half if this process has it already, without asking anybody. */
  known(rep: Rep): CustomersHalf | undefined {
    const { half } = this.#parts.sessions.ofRep(rep);
    return half === undefined ? undefined : usable(half);
  }

  /** Our half of that version. @throws SessionEnded; undefined where it was destroyed */
  async ours(rep: Rep, version: string): Promise<OurHalf | undefined> {
    const session = this.#parts.sessions.ofRep(rep);
    const known = this.#ours.get(session)?.find((half) => half.version === version);
    if (known !== undefined) return known;
    return (await this.#read(session)).find((half) => half.version === version);
  }

  /**
   * Our newest half, read anew: what is sealed must not be sealed under one that was replaced. It needs no session: a rep
   * who signs out meanwhile must not lose what their provider just gave.
   */
  async oursToSeal({ orgId, userId }: Pick<Rep, 'orgId' | 'userId'>): Promise<OurHalf> {
    const newest = (await this.#parts.repKeys.halves(orgId, userId)).at(-1);
    if (newest === undefined) throw new TypeError('A rep has at least one half');
    return newest;
  }

  close(): void {
    for (const { timer } of this.#warmUps.values()) clearTimeout(timer);
    this.#warmUps.clear();
  }

  async #read(session: OpenSession): Promise<readonly OurHalf[]> {
    const { orgId, userId } = session.rep;
    const halves = await this.#parts.repKeys.halves(orgId, userId);
    this.#ours.set(session, halves);
    return halves;
  }

  #customersOf(session: OpenSession): Promise<CustomersHalf> {
    if (session.half !== undefined) return Promise.resolve(usable(session.half));
    const found = this.#found.get(session);
    if (found !== undefined && performance.now() < found.until) return found.half;
    const half = this.#lookUp(session);
    this.#found.set(session, { half, until: Infinity });
    // Whoever came meanwhile shares this answer; a usable one stands in the session from now on.
    half.then(
      () => this.#found.set(session, { half, until: performance.now() + LOOK_AGAIN_MS }),
      () => this.#found.delete(session),
    );
    return half;
  }

  async #lookUp(session: OpenSession): Promise<CustomersHalf> {
    const kept = await this.#parts.sessions.readHalf(session);
    if (kept !== undefined) return usable(kept);
    return this.#readRecord(session, (half) => this.#parts.sessions.keepHalf(session, half));
  }

  #lookUpAnew(session: OpenSession): Promise<CustomersHalf> {
    const found = this.#anew.get(session);
    if (found !== undefined && performance.now() < found.until) return found.half;
    const half = this.#readRecord(session, (read) => {
      this.#parts.sessions.keepNewerHalf(session, read);
      return Promise.resolve(read);
    });
    this.#anew.set(session, { half, until: Infinity });
    // One that can be used stands in the session; one that cannot is not asked for at every click.
    half.then(
      ({ kind }) =>
        kind === 'usable'
          ? this.#anew.delete(session)
          : this.#anew.set(session, { half, until: performance.now() + LOOK_AGAIN_MS }),
      () => this.#anew.delete(session),
    );
    return half;
  }

  /** @param keep puts the half into the session; what it returns stands there now */
  async #readRecord(session: OpenSession, keep: (half: Buffer) => Promise<Buffer>): Promise<CustomersHalf> {
    const { repKeys, names } = this.#parts;
    const { orgId, userId, salesforceUserId, crm } = session.rep;
    const signal = AbortSignal.timeout(LOOKUP_MS);
    const record = await findOrMakeKeyRecord(crm, salesforceUserId, names, signal).catch((error: unknown) => {
      throw signal.aborted ? new CrmUnavailable() : error;
    });
    if (record.kind === 'missing' || record.kind === 'unreadable') return record;
    const [known, recordMark, halfMark] = await Promise.all([
      repKeys.keyRecord(orgId, userId),
      repKeys.mark(orgId, userId, 'key record', record.recordId),
      repKeys.mark(orgId, userId, 'half', record.half.toString('base64')),
    ]);
    // The same record with another half was edited by hand; another record, and ours, is one that was made anew.
    const isKnown = record.kind === 'found' && known?.record === recordMark;
    if (isKnown && known.half !== halfMark) return { kind: 'edited' };
    await repKeys.rememberKeyRecord(orgId, userId, { record: recordMark, half: halfMark });
    const half = usable(await keep(record.half));
    record.half.fill(0);
    return half;
  }
}

/** A copy: the session overwrites its own when it leaves memory, perhaps while this one is in use. */
function usable(half: Buffer): UsableHalf {
  return { kind: 'usable', half: Buffer.from(half), name: halfName(half) };
}

const newerOf = ({ newerHalf }: OpenSession): UsableHalf | undefined =>
  newerHalf === undefined ? undefined : usable(newerHalf);
