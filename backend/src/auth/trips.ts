import { createHmac } from 'node:crypto';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { Problem, ProblemError } from '../http/problem.ts';
import { equalDigests, randomToken, sha256, sha256Text } from '../vault/digest.ts';
import { EnvelopeUnreadable, open, seal, type Place } from '../vault/envelope.ts';
import { Secret } from '../vault/secret.ts';
import type { SignInDocument } from './model.ts';

import { CodeInvalid, CookieInvalid, StateInvalid, TooManyTrips } from './problems.ts';

export type { SignInDocument };

/** What every trip to a provider knows from its start on; sealed under `state`. */
export interface TripBasics {
  readonly challenge: string;
  /** The Lightning page that opened the popup. */
  readonly origin: string;
  readonly pkceVerifier: string;
  /** SHA-256 of the cookie's value. */
  readonly cookieHash: string;
}

/** A trip, with what its kind adds: where to sign in, or whose mailbox to connect. */
export type Trip<Details extends object> = TripBasics & Details;

/** A trip after its callback; sealed under the one-time code. */
export type FinishedTrip<Details extends object> = Trip<Details> & {
  /** The provider's own code, not exchanged yet. */
  readonly authorizationCode: string;
};

/** What a code turned out to be when it was shown with the right verifier. `madeId`: the session or user it served. */
export type Claim<Details extends object> =
  /** The first time: exchange it now. */
  | { readonly kind: 'first'; readonly tripId: string; readonly trip: FinishedTrip<Details> }
  /** The browser repeated the request by itself: give the same answer again. */
  | { readonly kind: 'repeated'; readonly madeId: string }
  /** Somebody shows a used code again: end what it made. `madeId` is absent while it is being made. */
  | { readonly kind: 'replayed'; readonly madeId?: string }
  /** The first one is still being exchanged: ask again. */
  | { readonly kind: 'running' }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** From `start` to the callback, in milliseconds; also the cookie's life. */
export const TRIP_MS = 10 * 60_000;
/** Life of a one-time code, in milliseconds. */
export const CODE_MS = 60_000;
/** How long a repetition of the same request gets the same session, in milliseconds. */
const REPEAT_MS = 60_000;
/** An exchange ends within this, in milliseconds; after it, its process is lost. */
export const EXCHANGE_MS = 25_000;
const MAX_TRIPS = 3;
/** RFC 7636, 4.1. A shorter text would be a secret that can be guessed, whatever challenge was made of it. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * The trips of popups to one provider, in the sessions database, so that each step may reach another process. Every
 * change of a trip is one atomic update with its phase in the filter: of two requests at once, one wins. The provider is
 * part of what seals a trip: the state or code of another one opens nothing here (mix-up, RFC 9700, 4.4).
 */
export class Trips<Details extends object> {
  readonly #signIns: Model<SignInDocument>;
  readonly #region: string;
  readonly #provider: string;

  constructor(signIns: Model<SignInDocument>, region: string, provider: string) {
    this.#signIns = signIns;
    this.#region = region;
    this.#provider = provider;
  }

  /**
   * Begins a trip.
   * @returns its `state`, and the value of its cookie
   * @throws TooManyTrips this challenge had three; StateInvalid one of them finished already
   */
  async start(
    trip: Omit<TripBasics, 'cookieHash'> & Details,
  ): Promise<{ readonly state: string; readonly cookie: string }> {
    const state = randomToken();
    const cookie = randomToken();
    const _id = sha256Text(state);
    const sealed = this.#seal('state', state, _id, { ...trip, cookieHash: sha256Text(cookie) });
    const validUntil = new Date(Date.now() + TRIP_MS);
    const challengeHash = sha256Text(trip.challenge);
    if ((await this.#signIns.exists({ challengeHash, codeHash: { $exists: true } })) !== null) throw new StateInvalid();
    for (let slot = 0; slot < MAX_TRIPS; slot += 1) {
      try {
        await this.#signIns.create({
          _id,
          challengeHash,
          slot,
          phase: 'started',
          sealed,
          validUntil,
          deleteAt: validUntil,
        });
        return { state, cookie };
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
    throw new TooManyTrips();
  }

  /**
   * Finds the trip that a callback belongs to, without changing it.
   * @param cookieOf reads the cookie of a challenge from the request
   * @throws StateInvalid unknown, expired, or over; CookieInvalid started in another browser
   */
  async find(state: string, cookieOf: (challenge: string) => string | undefined): Promise<Trip<Details>> {
    const found = await this.#signIns.findOne({ _id: sha256Text(state), phase: 'started' }).lean();
    if (found?.sealed === undefined || found.validUntil.getTime() <= Date.now()) throw new StateInvalid();
    const trip = this.#open('state', state, found._id, found.sealed) as Trip<Details> | undefined;
    if (trip === undefined) throw new StateInvalid();
    const cookie = cookieOf(trip.challenge);
    if (cookie === undefined || !equalDigests(sha256(cookie), Buffer.from(trip.cookieHash, 'base64url')))
      throw new CookieInvalid();
    return trip;
  }

  /**
   * Ends the trip at its callback and makes the one-time code; other trips of the same click end too.
   * @throws StateInvalid another request was faster
   */
  async finish(state: string, trip: Trip<Details>, authorizationCode: Secret): Promise<string> {
    const _id = sha256Text(state);
    const code = randomToken();
    const finished: FinishedTrip<Details> = { ...trip, authorizationCode: authorizationCode.reveal() };
    const now = Date.now();
    const calledBack = {
      phase: 'called_back',
      codeHash: sha256Text(code),
      sealed: this.#seal('code', code, _id, finished),
      validUntil: new Date(now + CODE_MS),
      deleteAt: new Date(now + TRIP_MS),
    };
    try {
      const changed = await this.#signIns.updateOne({ _id, phase: 'started' }, { $set: calledBack });
      if (changed.modifiedCount === 0) throw new StateInvalid();
    } catch (error) {
      // Another trip of the same click has its code already: the index lets one through, whichever process they reach.
      throw isDuplicateKey(error) ? new StateInvalid() : error;
    }
    await this.#signIns.updateMany(
      { challengeHash: sha256Text(trip.challenge), phase: 'started' },
      { $set: { phase: 'ended' }, $unset: { sealed: 1 } },
    );
    return code;
  }

  /** Ends a trip that the provider refused. */
  async refuse(state: string): Promise<void> {
    await this.#signIns.updateOne(
      { _id: sha256Text(state), phase: 'started' },
      { $set: { phase: 'ended' }, $unset: { sealed: 1 } },
    );
  }

  /**
   * Shows a code with its verifier. The right verifier's first request gets the trip and must settle it within
   * EXCHANGE_MS by `redeemed` or `refused`. A wrong verifier burns a code that nobody used yet, and changes nothing else.
   * @param idempotencyKey '' when the request carried none
   * @throws CodeInvalid unknown, expired, burned, or with another verifier
   */
  async claim(code: string, verifier: Secret, idempotencyKey: string): Promise<Claim<Details>> {
    const codeHash = sha256Text(code);
    const found = await this.#signIns.findOne({ codeHash }).lean();
    // Said of an unknown code, too: nobody is told which codes there are.
    const isVerifier = VERIFIER.test(verifier.reveal());
    const wrong = isVerifier ? new CodeInvalid() : new CodeInvalid('verifier', 'pattern');
    if (found === null || found.phase === 'ended') throw wrong;
    const isRight = isVerifier && found.challengeHash === sha256Text(sha256Text(verifier.reveal()));
    if (!isRight) {
      await this.#burn(found._id, 'called_back');
      throw wrong;
    }
    const keyHash = idempotencyKey === '' ? '' : keyHashOf(code, idempotencyKey);
    if (found.phase === 'called_back') return this.#claimFirst(code, found, keyHash);
    return this.#claimAgain(found, keyHash);
  }

  /**
   * Settles a trip whose session or connection stands.
   * @param madeId the session, or the user whose connection it is
   * @param expiresAt until when a replay must be recognised, epoch milliseconds
   * @returns false when somebody replayed the code meanwhile: what it made must not live
   */
  async redeemed(tripId: string, madeId: string, expiresAt: number): Promise<boolean> {
    const changed = await this.#signIns.updateOne(
      { _id: tripId, phase: 'exchanging' },
      { $set: { phase: 'redeemed', madeId, redeemedAt: new Date(), deleteAt: new Date(expiresAt) } },
    );
    return changed.modifiedCount === 1;
  }

  /** Settles a trip whose exchange was refused; the same request repeated hears the same. */
  async refused(tripId: string, { problem }: ProblemError): Promise<void> {
    await this.#signIns.updateOne(
      { _id: tripId, phase: 'exchanging' },
      { $set: { phase: 'redeemed', refusal: problem, redeemedAt: new Date() } },
    );
  }

  /** Ends a claimed trip without an answer to repeat: the click has to be made again. */
  async abandon(tripId: string): Promise<void> {
    await this.#burn(tripId, 'exchanging');
  }

  async #claimFirst(code: string, found: SignInDocument, keyHash: string): Promise<Claim<Details>> {
    if (found.sealed === undefined || found.validUntil.getTime() <= Date.now()) throw new CodeInvalid();
    const trip = this.#open('code', code, found._id, found.sealed) as FinishedTrip<Details> | undefined;
    if (trip === undefined) throw new CodeInvalid();
    const changed = await this.#signIns.updateOne(
      { _id: found._id, phase: 'called_back' },
      {
        $set: { phase: 'exchanging', keyHash, validUntil: new Date(Date.now() + EXCHANGE_MS) },
        $unset: { sealed: 1 },
      },
    );
    // Another request took it between our read and our update; the next look tells which kind this one is.
    return changed.modifiedCount === 1 ? { kind: 'first', tripId: found._id, trip } : { kind: 'running' };
  }

  async #claimAgain(found: SignInDocument, keyHash: string): Promise<Claim<Details>> {
    const isSameRequest = keyHash !== '' && keyHash === found.keyHash;
    if (found.phase === 'exchanging') {
      const isLost = found.validUntil.getTime() <= Date.now();
      if (isSameRequest && !isLost) return { kind: 'running' };
      // The first request finds its trip ended when it wants to settle it, and lets no session live.
      await this.#burn(found._id, 'exchanging');
      throw new CodeInvalid();
    }
    const isRecent = (found.redeemedAt?.getTime() ?? 0) + REPEAT_MS > Date.now();
    // No session is at stake, and a browser repeats a request by itself at 421 (Fetch, "HTTP-network-or-cache fetch").
    if (found.refusal !== undefined && isRecent) return { kind: 'refused', problem: found.refusal };
    if (!isSameRequest) {
      return found.madeId === undefined ? { kind: 'replayed' } : { kind: 'replayed', madeId: found.madeId };
    }
    if (!isRecent || found.madeId === undefined) throw new CodeInvalid();
    return { kind: 'repeated', madeId: found.madeId };
  }

  async #burn(tripId: string, phase: SignInDocument['phase']): Promise<void> {
    await this.#signIns.updateOne({ _id: tripId, phase }, { $set: { phase: 'ended' }, $unset: { sealed: 1 } });
  }

  #seal(version: 'state' | 'code', secret: string, tripId: string, trip: Trip<Details>): string {
    return seal({ version, bytes: keyOf(secret) }, this.#place(tripId), JSON.stringify(trip));
  }

  /** @returns undefined for a trip to another provider */
  #open(version: 'state' | 'code', secret: string, tripId: string, sealed: string): unknown {
    try {
      return JSON.parse(open({ version, bytes: keyOf(secret) }, this.#place(tripId), sealed).toString('utf8'));
    } catch (error) {
      if (error instanceof EnvelopeUnreadable) return undefined;
      throw error;
    }
  }

  #place(record: string): Place {
    return {
      region: this.#region,
      org: '',
      user: '',
      provider: this.#provider,
      collection: 'signIns',
      field: 'sealed',
      record,
    };
  }
}

/** Scoped to the code, and keyed with it: the server does not hold it. */
function keyHashOf(code: string, idempotencyKey: string): string {
  return createHmac('sha256', code).update(idempotencyKey).digest('base64url');
}

/** `state` and the code are 256 random bits as text; their hash is what the database holds, so they seal as they are. */
function keyOf(secret: string): Uint8Array {
  return Buffer.from(secret, 'utf8');
}
