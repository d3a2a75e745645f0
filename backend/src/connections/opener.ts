import type { Rep } from '../auth/rep.ts';
import { EnvelopeUnreadable } from '../vault/envelope.ts';
import type { KeyHalves } from '../vault/split-key.ts';
import type { Halves } from './halves.ts';
import { ConnectionUnusable, ProviderUnavailable } from './problems.ts';
import { isLive, type ConnectionStore, type LiveConnection } from './store.ts';
import type { ConnectionDocument } from './model.ts';
import { openTokens, type TokenPlace, type TokenSet } from './token-set.ts';

/** A connection that was opened for the length of a request. */
export interface OpenConnection {
  readonly connection: LiveConnection;
  readonly tokens: TokenSet;
  /** What seals it. */
  readonly halves: KeyHalves;
}

/** How often a connection that changes under our hands is read anew. */
const TRIES = 5;

/** Opens connections with both halves, and says truly why one cannot be. */
export class Opener {
  readonly #store: ConnectionStore;
  readonly #halves: Halves;
  readonly #region: string;

  constructor(store: ConnectionStore, halves: Halves, region: string) {
    this.#store = store;
    this.#halves = halves;
    this.#region = region;
  }

  /**
   * @param seen as it was read; one that was changed since, by another tab or a rotation, is read anew
   * @throws ConnectionUnusable it says which and why; SessionEnded; the Crm errors while the customer's half is not known
   */
  async open(rep: Rep, seen: ConnectionDocument): Promise<OpenConnection> {
    const { provider } = seen;
    let connection = seen;
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const { status, reason } = connection;
      if (status === 'waiting_for_admin') throw new ConnectionUnusable(provider, status, 'admin_consent_required');
      if (status === 'reconnect' || !isLive(connection))
        throw new ConnectionUnusable(provider, 'reconnect_required', reasonOf(reason));
      const open = await this.#tryOpen(rep, connection);
      if (open !== undefined) return open;
      const now = await this.#store.find(rep, provider);
      if (now === undefined) throw new ConnectionUnusable(provider, 'not_connected');
      connection = now;
    }
    throw new ProviderUnavailable(provider);
  }

  /** @returns undefined where it is not what is stored any more */
  async #tryOpen(rep: Rep, connection: LiveConnection): Promise<OpenConnection | undefined> {
    const { provider, halves: names } = connection;
    const customers = await this.#halves.customers(rep, names.customers);
    if (customers.kind === 'edited') throw new ConnectionUnusable(provider, 'connection_blocked', 'key_edited');
    if (customers.kind !== 'usable') throw new ConnectionUnusable(provider, 'connection_blocked', 'key_unreadable');
    const ours = await this.#halves.ours(rep, names.ours);
    if (customers.name !== names.customers || ours === undefined) {
      if (!(await this.#store.end(connection, 'reconnect', 'key_removed'))) return undefined;
      throw new ConnectionUnusable(provider, 'reconnect_required', 'key_removed');
    }
    const halves = { ours, customers: customers.half };
    try {
      return { connection, tokens: openTokens(halves, this.placeOf(connection), connection.sealed), halves };
    } catch (error) {
      // Not what this version of it held: the database was put back, or somebody moved a ciphertext.
      if (error instanceof EnvelopeUnreadable) throw new ConnectionUnusable(provider, 'reconnect_required', 'restored');
      throw error;
    }
  }

  placeOf({ orgId, userId, provider, _id, version }: ConnectionDocument): TokenPlace {
    return { region: this.#region, orgId, userId, provider, connectionId: _id, version };
  }
}

function reasonOf(reason: string | undefined): ConstructorParameters<typeof ConnectionUnusable>[2] {
  return (reason ?? 'revoked') as ConstructorParameters<typeof ConnectionUnusable>[2];
}
