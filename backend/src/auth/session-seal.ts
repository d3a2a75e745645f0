import { hkdfSync, randomBytes } from 'node:crypto';
import { newId } from '../database/new-id.ts';
import { sha256 } from '../vault/digest.ts';
import { open, seal, type Place } from '../vault/envelope.ts';
import type { Secret } from '../vault/secret.ts';
import type { SessionDocument } from './model.ts';

/** What a session is made of at sign-in. */
export interface NewSession {
  readonly orgId: string;
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly isReauthenticated: boolean;
  readonly signedInAt: number;
  readonly expiresAt: number;
  readonly secrets: SessionSecrets;
}

/** What lies sealed in a session: it opens, and names, the customer's Salesforce. */
export interface SessionSecrets {
  readonly accessToken: string;
  readonly instanceUrl: string;
  readonly origin: string;
  readonly name: string;
  readonly salesforceUserId: string;
  readonly salesforceOrgId: string;
  /** The customer's half of the rep's key, base64url; absent until it was found or made (DESIGN 6). */
  readonly half?: string;
}

/**
 * How a session lies in the database: sealed under its `key`, which is made of the verifier. The backend never keeps the
 * verifier, so who has the database alone opens no session (DESIGN 6).
 */
export class SessionSeal {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** A session as it is stored, and the `key` that opens it. */
  make(session: NewSession, verifier: Secret): { readonly document: SessionDocument; readonly key: Buffer } {
    const sessionId = newId('ses');
    const keySalt = randomBytes(32);
    const key = sessionKey(verifier, keySalt, sessionId);
    const { secrets, signedInAt, expiresAt, ...known } = session;
    const inClear = {
      _id: sessionId,
      ...known,
      signedInAt: new Date(signedInAt),
      expiresAt: new Date(expiresAt),
      keyHash: sha256(key).toString('base64url'),
      keySalt: keySalt.toString('base64url'),
    };
    return { document: { ...inClear, sealed: this.close(inClear, key, secrets) }, key };
  }

  /** The `key` of a session once more, from the same verifier. */
  keyOf(stored: SessionDocument, verifier: Secret): Buffer {
    return sessionKey(verifier, Buffer.from(stored.keySalt, 'base64url'), stored._id);
  }

  /** @throws EnvelopeUnreadable another key, or somebody edited what the session says in clear */
  open(stored: SessionDocument, key: Buffer): SessionSecrets {
    const plaintext = open({ version: 'key', bytes: key }, this.#place(stored), stored.sealed);
    const secrets = JSON.parse(plaintext.toString('utf8')) as SessionSecrets;
    plaintext.fill(0);
    return secrets;
  }

  /** The text of `sealed` for these secrets. */
  close(session: InClear, key: Buffer, secrets: SessionSecrets): string {
    return seal({ version: 'key', bytes: key }, this.#place(session), JSON.stringify(secrets));
  }

  /** What a session says in clear is part of what seals it: nobody makes an admin by editing the database. */
  #place(session: InClear): Place {
    const rights = [
      session.isAdmin,
      session.isReauthenticated,
      session.signedInAt.getTime(),
      session.expiresAt.getTime(),
    ];
    return {
      region: this.#region,
      org: session.orgId,
      user: session.userId,
      provider: 'salesforce',
      collection: 'sessions',
      field: `sealed:${rights.join(':')}`,
      record: session._id,
    };
  }
}

type InClear = Omit<SessionDocument, 'sealed'>;

/** HKDF-SHA-256(verifier, salt, sid): DESIGN 3.6. */
function sessionKey(verifier: Secret, salt: Uint8Array, sessionId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', verifier.reveal(), salt, sessionId, 32));
}
