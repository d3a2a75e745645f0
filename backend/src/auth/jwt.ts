import { randomBytes } from 'node:crypto';
import fastifyJwt from '@fastify/jwt';
import type { FastifyInstance } from 'fastify';
import type { SigningKeys } from '../vault/signing-keys.ts';

/** What a session's JWT says. Everything but `key` and `sid` is for the reader's comfort: the session decides. */
export interface SessionClaims {
  /** Opaque user id. */
  readonly sub: string;
  /** Opaque org id. */
  readonly org: string;
  readonly sid: string;
  /** 32 bytes as base64url: opens the sealed part of the session. */
  readonly key: string;
  /** Seconds since 1970, as in RFC 7519. */
  readonly iat: number;
  readonly exp: number;
}

/** A JWT whose signature, algorithm, type, issuer, audience and times are right; nothing is said about its session. */
export interface VerifiedToken {
  readonly sessionId: string;
  readonly key: Buffer;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** RFC 8725: one algorithm, one type, one issuer and audience, and a key chosen by `kid` from our own list only. */
const ALGORITHM = 'HS256';
const TYPE = 'oneshot-session+jwt';
const AUDIENCE = 'oneshot-api';

/** Nothing of ours is longer; longer ones are not looked at. */
const MAX_TOKEN_LENGTH = 2_048;

/**
 * Signs and verifies the sessions' JWTs with @fastify/jwt, which this registers on `app`. Its own verification cache
 * stays off: an entry of it could not be made to leave at sign-out.
 */
export class SessionTokens {
  readonly #app: FastifyInstance;
  readonly #keys: SigningKeys;

  private constructor(app: FastifyInstance, keys: SigningKeys) {
    this.#app = app;
    this.#keys = keys;
  }

  /** @param region part of the issuer, so that no region takes another one's tokens */
  static async register(app: FastifyInstance, keys: SigningKeys, region: string): Promise<SessionTokens> {
    const issuer = `oneshot:${region}`;
    await app.register(fastifyJwt, {
      // Nobody knows this key: a call that names none of SigningKeys verifies nothing.
      secret: randomBytes(32),
      sign: { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TYPE }, iss: issuer, aud: AUDIENCE },
      verify: {
        algorithms: [ALGORITHM],
        checkTyp: TYPE,
        allowedIss: issuer,
        allowedAud: AUDIENCE,
        requiredClaims: ['iss', 'aud', 'sub', 'org', 'sid', 'key', 'iat', 'exp'],
        cache: false,
      },
    });
    return new SessionTokens(app, keys);
  }

  sign(claims: SessionClaims): string {
    const { kid, bytes } = this.#keys.current();
    return this.#app.jwt.sign({ ...claims }, { key: bytes, kid });
  }

  /**
   * @param allowExpired for signing out: a session that ended by itself is signed out already
   * @returns undefined for anything that is not a JWT of ours, whatever is wrong with it
   * @throws what the database throws while a key that this process has not met is looked up
   */
  async verify(token: string, allowExpired = false): Promise<VerifiedToken | undefined> {
    if (token.length > MAX_TOKEN_LENGTH || !isCanonical(token)) return undefined;
    const kid = this.#kidOf(token);
    // Outside of the try: a database that is away is no reason to call a good token bad.
    const key = kid === undefined ? undefined : await this.#keys.find(kid);
    if (key === undefined) return undefined;
    try {
      const claims = this.#app.jwt.verify<Readonly<Record<string, unknown>>>(token, {
        key: key.bytes,
        ignoreExpiration: allowExpired,
      });
      return tokenOf(claims);
    } catch {
      return undefined;
    }
  }

  #kidOf(token: string): string | undefined {
    try {
      const kid = this.#app.jwt.decode<{ header: { kid?: unknown } }>(token, { complete: true })?.header.kid;
      return typeof kid === 'string' ? kid : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Whether the signature is spelled as we spell it. 32 bytes leave two bits of the 43rd character unused, so that other
 * tokens verify as well (RFC 4648, 3.5); to a tester and to what is kept by token, those would be tampered ones.
 */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

function tokenOf({ sid, key, exp }: Readonly<Record<string, unknown>>): VerifiedToken | undefined {
  if (typeof sid !== 'string' || typeof key !== 'string' || typeof exp !== 'number') return undefined;
  const bytes = Buffer.from(key, 'base64url');
  return bytes.length === 32 ? { sessionId: sid, key: bytes, expiresAt: exp * 1_000 } : undefined;
}
