import type { Rep } from '../auth/rep.ts';
import { EnvelopeUnreadable } from '../vault/envelope.ts';
import type { KeyHalves } from '../vault/split-key.ts';
import type { Halves } from './halves.ts';
import { ConnectionUnusable } from './problems.ts';
import { isLive, type ConnectionStore, type LiveConnection } from './store.ts';
import type { ConnectionDocument } from './model.ts';
import { openTokens, type TokenPlace, type TokenSet } from './token-set.ts';

/** A connection that was opened for the length of a request. */
export interface OpenConnection {
  readonly connection: LiveConnection;
  readonly tokens: TokenSet;
}

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
   * @throws ConnectionUnusable it says which and why; SessionEnded; the Crm errors while the customer's half is not known
   */
  async open(rep: Rep, connection: ConnectionDocument): Promise<OpenConnection> {
    const { provider, status, reason } = connection;
    if (status === 'waiting_for_admin') throw new ConnectionUnusable(provider, status, 'admin_consent_required');
    if (status === 'reconnect' || !isLive(connection))
      throw new ConnectionUnusable(provider, 'reconnect_required', reasonOf(reason));
    const halves = await this.halvesOf(rep, connection);
    try {
      return { connection, tokens: openTokens(halves, this.placeOf(connection), connection.sealed) };
    } catch (error) {
      // Not what this version of it held: the database was put back, or somebody moved a ciphertext.
      if (error instanceof EnvelopeUnreadable) throw new ConnectionUnusable(provider, 'reconnect_required', 'restored');
      throw error;
    }
  }

  /** The halves that seal a connection. @throws as `open` */
  async halvesOf(rep: Rep, connection: LiveConnection): Promise<KeyHalves> {
    const { provider, halves } = connection;
    const customers = await this.#halves.customers(rep);
    if (customers.kind === 'edited') throw new ConnectionUnusable(provider, 'connection_blocked', 'key_edited');
    if (customers.kind !== 'usable') throw new ConnectionUnusable(provider, 'connection_blocked', 'key_unreadable');
    const ours = await this.#halves.ours(rep, halves.ours);
    if (customers.name !== halves.customers || ours === undefined) {
      await this.#store.end(connection, 'reconnect', 'key_removed');
      throw new ConnectionUnusable(provider, 'reconnect_required', 'key_removed');
    }
    return { ours, customers: customers.half };
  }

  placeOf({ orgId, userId, provider, _id, version }: ConnectionDocument): TokenPlace {
    return { region: this.#region, orgId, userId, provider, connectionId: _id, version };
  }
}

function reasonOf(reason: string | undefined): ConstructorParameters<typeof ConnectionUnusable>[2] {
  return (reason ?? 'revoked') as ConstructorParameters<typeof ConnectionUnusable>[2];
}
