import { createHash, timingSafeEqual } from 'node:crypto';
import type { Parameters } from './parameters.ts';
import { Refusal } from './refusal.ts';

/**
 * What a refresh does to the refresh token: `none` the same one goes on; `rotate` a new one, and using the old one
 * again ends the grant; `keep` a new one while the old one stays valid.
 */
export type Rotation = 'none' | 'rotate' | 'keep';

/** An OAuth client (a connected app or External Client App at Salesforce). */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Compared as whole strings; no normalisation. */
  readonly redirectUris: readonly string[];
  readonly rotation: Rotation;
  /** Scopes that the app may ask for; undefined is every scope of the provider. */
  readonly scopes: readonly string[] | undefined;
}

/** The clients that a provider knows. */
export class Clients {
  readonly #start: readonly Client[];
  readonly #clients = new Map<string, Client>();

  /** @param start the clients that are there after every reset */
  constructor(start: readonly Client[]) {
    this.#start = start;
    this.reset();
  }

  /** Back to the clients of the start. */
  reset(): void {
    this.#clients.clear();
    for (const client of this.#start) this.#clients.set(client.clientId, client);
  }

  /** Adds a client, or replaces the one with the same id. */
  add(client: Client): void {
    this.#clients.set(client.clientId, client);
  }

  find(clientId: string | undefined): Client | undefined {
    return clientId === undefined ? undefined : this.#clients.get(clientId);
  }

  /**
   * Authenticates a client by `client_secret_post` or HTTP Basic, never both (RFC 6749, 2.3).
   * @param authorization the Authorization header, if any
   * @throws Refusal `client`, `secret`, `secret_missing`, `client_auth_twice`
   */
  authenticate(params: Parameters, authorization: string | undefined): Client {
    const basic = readBasic(authorization);
    const postedId = params.optional('client_id');
    const postedSecret = params.optional('client_secret');
    if (basic && (postedSecret !== undefined || (postedId !== undefined && postedId !== basic.id))) {
      throw new Refusal('client_auth_twice');
    }
    const client = this.find(basic?.id ?? postedId);
    if (!client) throw new Refusal('client', 'client_id');
    const secret = basic?.secret ?? postedSecret;
    if (secret === undefined) throw new Refusal('secret_missing', 'client_secret');
    if (!sameSecret(secret, client.clientSecret)) throw new Refusal('secret', 'client_secret');
    return client;
  }
}

/** Reads `Basic base64(id:secret)`, both form-encoded (RFC 6749, 2.3.1). */
function readBasic(authorization: string | undefined): { id: string; secret: string } | undefined {
  if (authorization === undefined) return undefined;
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw new Refusal('secret', 'Authorization');
  try {
    const [id, secret] = [decoded.slice(0, colon), decoded.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    ) as [string, string];
    return { id, secret };
  } catch {
    throw new Refusal('secret', 'Authorization');
  }
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
