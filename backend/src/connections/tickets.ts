import type { Model } from 'mongoose';
import type { SignInDocument } from '../auth/trips.ts';
import { randomToken, sha256Text } from '../vault/digest.ts';
import { EnvelopeUnreadable, open, seal, type Place } from '../vault/envelope.ts';
import { TicketInvalid } from './problems.ts';
import type { ProviderName } from './tokens.ts';

/** Who may connect what, from which page. */
export interface Ticket {
  readonly challenge: string;
  readonly origin: string;
  readonly orgId: string;
  readonly userId: string;
}

/** From `start` to `go`, in milliseconds. */
export const TICKET_MS = 5 * 60_000;

/**
 * What carries a signed-in rep's wish to connect over to their popup, which has no bearer: 256 random bits in the popup's
 * address, of which only a hash is stored; the rest is sealed under them.
 */
export class Tickets {
  readonly #signIns: Model<SignInDocument>;
  readonly #region: string;

  constructor(signIns: Model<SignInDocument>, region: string) {
    this.#signIns = signIns;
    this.#region = region;
  }

  async issue(provider: ProviderName, ticket: Ticket): Promise<{ readonly ticket: string; readonly expiresAt: Date }> {
    const secret = randomToken();
    const _id = sha256Text(secret);
    const expiresAt = new Date(Date.now() + TICKET_MS);
    const key = { version: 'ticket', bytes: Buffer.from(secret, 'utf8') };
    const sealed = seal(key, this.#place(provider, _id), JSON.stringify(ticket));
    const until = { validUntil: expiresAt, deleteAt: expiresAt };
    // It leads to no challenge of its own: its hash stands in that place.
    await this.#signIns.create({ _id, challengeHash: _id, slot: 0, phase: 'ticket', sealed, ...until });
    return { ticket: secret, expiresAt };
  }

  /** @throws TicketInvalid unknown, expired, or for another provider */
  async read(provider: ProviderName, secret: string): Promise<Ticket> {
    const found = await this.#signIns.findOne({ _id: sha256Text(secret), phase: 'ticket' }).lean();
    if (found?.sealed === undefined || found.validUntil.getTime() <= Date.now()) throw new TicketInvalid();
    const key = { version: 'ticket', bytes: Buffer.from(secret, 'utf8') };
    try {
      return JSON.parse(open(key, this.#place(provider, found._id), found.sealed).toString('utf8')) as Ticket;
    } catch (error) {
      throw error instanceof EnvelopeUnreadable ? new TicketInvalid() : error;
    }
  }

  #place(provider: ProviderName, record: string): Place {
    return { region: this.#region, org: '', user: '', provider, collection: 'signIns', field: 'ticket', record };
  }
}
