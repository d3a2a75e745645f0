import { hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import { newId } from '../database/new-id.ts';
import type { CrmConnection } from '../salesforce/connection.ts';
import type { CrmGrant } from '../salesforce/connect.ts';
import { equalDigests, sha256 } from '../vault/digest.ts';
import { open, seal, type Place } from '../vault/envelope.ts';
import { Secret } from '../vault/secret.ts';
import type { VerifiedToken } from './jwt.ts';
import type { SessionDocument } from './model.ts';
import { SessionEnded } from './problems.ts';
import type { CallPurpose } from '../salesforce/call-purpose.ts';
import type { Rep } from './rep.ts';
import type { Revocations, SessionsEnded } from './revocations.ts';

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

/** A session in memory. */
export interface OpenSession {
  readonly rep: Rep;
  readonly name: string;
  readonly isReauthenticated: boolean;
  readonly accessToken: Secret;
  readonly instanceUrl: string;
  /** The JWT’s `key`: to know it again, and to seal the session again when the customer’s half comes; overwritten when this leaves. */
  readonly key: Buffer;
  /** The customer's half of the rep's key, once it is known; overwritten likewise. */
  half: Buffer | undefined;
  /** `rep` again, whose calls are counted for what a route is for; made when first needed. */
  readonly reps: Map<CallPurpose, Rep>;
  /** JWTs of this session that were verified; they leave memory with it. */
  readonly tokens: Set<string>;
}

export interface SessionsOptions {
  readonly sessions: Model<SessionDocument>;
  readonly revocations: Revocations;
  readonly region: string;
  /** Told of endings that somebody other than the session itself asked for, before they happen: the ledger keeps them. */
  readonly onEnding?: (orgId: string, userId: string | undefined) => Promise<void>;
  /** @param orgId whose API calls the connection counts */
  readonly openCrm: (grant: CrmGrant, orgId: string) => CrmConnection;
  /** Opened sessions in memory at once; the least used leaves first and is opened again when needed. Default 20,000. */
  readonly maxOpen?: number;
  /** An opened session leaves memory so long after its last request, in milliseconds. Default 10 minutes. */
  readonly idleMs?: number;
}

/** A session as its rep may see it. */
export interface SessionSummary {
  readonly id: string;
  readonly signedInAt: Date;
  readonly expiresAt: Date;
  readonly isAdmin: boolean;
  readonly isReauthenticated: boolean;
}

const SWEEP_MS = 15_000;

/** Keeps a revocation far below MongoDB's 16 MB a document. */
const IDS_PER_REVOCATION = 10_000;

/** A session has one JWT, or two where the signing key changed between a request and its repetition. */
const MAX_TOKENS = 4;

/**
 * The sessions: sealed in the database, opened in memory by the JWT's `key`. The `key` is made of the verifier, which
 * the backend never keeps: who has the database alone opens no session (DESIGN 6).
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open: LRUCache<string, OpenSession>;
  /** What each verified JWT said. An entry lives as long as its session is open here, and no longer. */
  readonly #verified = new Map<string, VerifiedToken>();
  readonly #opening = new Map<string, Promise<OpenSession>>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#open = new LRUCache({
      max: options.maxOpen ?? 20_000,
      ttl: options.idleMs ?? 10 * 60_000,
      updateAgeOnGet: true,
      dispose: (session) => this.#overwrite(session),
    });
    this.#sweep = setInterval(() => this.#open.purgeStale(), SWEEP_MS).unref();
    options.revocations.onEnded((ended) => this.#forget(ended));
  }

  /** Opened sessions in memory now. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Stores a session and returns its id and the `key` that opens it. */
  async create(session: NewSession, verifier: Secret): Promise<{ readonly sessionId: string; readonly key: Buffer }> {
    const sessionId = newId('ses');
    const keySalt = randomBytes(32);
    const key = sessionKey(verifier, keySalt, sessionId);
    const { secrets, signedInAt, expiresAt, ...known } = session;
    const document = {
      _id: sessionId,
      ...known,
      signedInAt: new Date(signedInAt),
      expiresAt: new Date(expiresAt),
      keyHash: sha256(key).toString('base64url'),
      keySalt: keySalt.toString('base64url'),
    };
    const sealed = seal({ version: 'key', bytes: key }, this.#place(document), JSON.stringify(secrets));
    await this.#options.sessions.create({ ...document, sealed });
    return { sessionId, key };
  }

  /**
   * Makes the `key` of a session again for a repeated request with the same verifier.
   * @returns undefined when the session ended meanwhile
   */
  async again(
    sessionId: string,
    verifier: Secret,
  ): Promise<{ readonly key: Buffer; readonly session: OpenSession } | undefined> {
    const stored = await this.#options.sessions.findById(sessionId).lean();
    if (stored === null) return undefined;
    const key = sessionKey(verifier, Buffer.from(stored.keySalt, 'base64url'), sessionId);
    try {
      return { key, session: this.#unseal(stored, key) };
    } catch {
      return undefined;
    }
  }

  /** What a JWT said when it was verified, while its session is open in memory. */
  verified(jwt: string): VerifiedToken | undefined {
    return this.#verified.get(jwt);
  }

  /**
   * The session of a token if it is in memory; without any input or output.
   * @throws SessionEnded another `key`, or its time is over
   */
  inMemory(token: VerifiedToken): OpenSession | undefined {
    const session = this.#open.get(token.sessionId);
    if (session === undefined) return undefined;
    if (!equalDigests(token.key, session.key)) throw new SessionEnded();
    if (session.rep.expiresAt <= Date.now()) {
      this.#open.delete(token.sessionId);
      throw new SessionEnded();
    }
    return session;
  }

  /** Spares the next request with this JWT its verification. */
  remember(jwt: string, token: VerifiedToken, session: OpenSession): void {
    if (session.tokens.size >= MAX_TOKENS || this.#open.peek(token.sessionId) !== session) return;
    session.tokens.add(jwt);
    this.#verified.set(jwt, token);
  }

  /**
   * Opens the session of a token from the database and keeps it in memory.
   * @throws SessionEnded none such, another `key`, expired, or ended
   */
  async open(token: VerifiedToken): Promise<OpenSession> {
    // By `key` too: who sends another one for a known `sid` never shares the answer.
    const name = `${token.sessionId}.${token.key.toString('base64url')}`;
    const running = this.#opening.get(name) ?? this.#read(token);
    this.#opening.set(name, running);
    try {
      return await running;
    } finally {
      this.#opening.delete(name);
    }
  }

  /**
   * The session of a rep whose request is being answered.
   * @throws SessionEnded it ended meanwhile
   */
  ofRep({ sessionId }: Pick<Rep, 'sessionId'>): OpenSession {
    const session = this.#open.get(sessionId);
    if (session === undefined) throw new SessionEnded();
    return session;
  }

  /** The customer's half as another process may have put it into the session meanwhile; undefined while nobody has. */
  async readHalf(session: OpenSession): Promise<Buffer | undefined> {
    const stored = await this.#options.sessions.findById(session.rep.sessionId).lean();
    if (stored === null) throw new SessionEnded();
    const { half } = this.#secrets(stored, session.key);
    if (half !== undefined) session.half ??= Buffer.from(half, 'base64url');
    return session.half;
  }

  /**
   * Seals the customer's half into the session, for every process that opens it. Of several at once the first stays.
   * @returns what stands in the session now
   */
  async keepHalf(session: OpenSession, half: Buffer): Promise<Buffer> {
    for (;;) {
      const stored = await this.#options.sessions.findById(session.rep.sessionId).lean();
      if (stored === null) throw new SessionEnded();
      const secrets = this.#secrets(stored, session.key);
      if (secrets.half !== undefined) {
        session.half = Buffer.from(secrets.half, 'base64url');
        return session.half;
      }
      const plaintext = JSON.stringify({ ...secrets, half: half.toString('base64url') });
      const sealed = seal({ version: 'key', bytes: session.key }, this.#place(stored), plaintext);
      const filter = { _id: stored._id, sealed: stored.sealed };
      const changed = await this.#options.sessions.updateOne(filter, { $set: { sealed } });
      if (changed.modifiedCount === 0) continue;
      session.half = Buffer.from(half);
      return session.half;
    }
  }

  /** Ends one session everywhere: other processes hear of it first, then the document goes. Repeating it does no harm. */
  async endOne(session: {
    readonly sessionId: string;
    readonly orgId: string;
    readonly userId: string;
  }): Promise<void> {
    const { sessionId, orgId, userId } = session;
    await this.#options.revocations.add({ scope: 'session', orgId, userId, sessionIds: [sessionId] });
    await this.#options.sessions.deleteOne({ _id: sessionId });
  }

  /** Ends all sessions of a rep, or of an org when no rep is named, everywhere. Returns how many there were. */
  async endAll(orgId: string, userId?: string): Promise<number> {
    const whose = userId === undefined ? { orgId } : { orgId, userId };
    await this.#options.onEnding?.(orgId, userId);
    const stored = await this.#options.sessions.find(whose).select({ _id: 1 }).lean();
    const sessionIds = stored.map((session) => session._id);
    const scope = userId === undefined ? 'org' : 'rep';
    for (let from = 0; from === 0 || from < sessionIds.length; from += IDS_PER_REVOCATION) {
      const some = sessionIds.slice(from, from + IDS_PER_REVOCATION);
      await this.#options.revocations.add({ scope, ...whose, sessionIds: some });
      await this.#options.sessions.deleteMany({ _id: { $in: some } });
    }
    return sessionIds.length;
  }

  /** Ends every session of the region, org by org. Returns how many there were. */
  async endEverything(): Promise<number> {
    let ended = 0;
    for (const orgId of await this.#options.sessions.distinct('orgId')) ended += await this.endAll(orgId);
    return ended;
  }

  /** Sessions of an org, and how many of them hold anything that is not sealed under their JWT's own key. */
  async sealing(orgId: string): Promise<{ readonly sessions: number; readonly unsealed: number }> {
    const { sessions } = this.#options;
    const [all, sealed] = await Promise.all([
      sessions.countDocuments({ orgId }),
      sessions.countDocuments({ orgId, sealed: /^e1\.key\./ }),
    ]);
    return { sessions: all, unsealed: all - sealed };
  }

  /** Live sessions of an org, and the longest that one of them can last, in minutes. */
  async lengths(orgId: string): Promise<{ readonly sessions: number; readonly longestMinutes: number }> {
    const live = await this.#options.sessions
      .find({ orgId, expiresAt: { $gt: new Date() } })
      .select({ signedInAt: 1, expiresAt: 1 })
      .lean();
    const minutes = live.map(({ signedInAt, expiresAt }) => (expiresAt.getTime() - signedInAt.getTime()) / 60_000);
    return { sessions: live.length, longestMinutes: Math.ceil(Math.max(0, ...minutes)) };
  }

  /** A rep's sessions, without what opens them. */
  async listOf(orgId: string, userId: string): Promise<readonly SessionSummary[]> {
    const stored = await this.#options.sessions.find({ orgId, userId }).sort({ signedInAt: 1 }).lean();
    return stored.map(({ _id, signedInAt, expiresAt, isAdmin, isReauthenticated }) => ({
      id: _id,
      signedInAt,
      expiresAt,
      isAdmin,
      isReauthenticated,
    }));
  }

  /** Whether the session is still stored, whoever asks. */
  async find(sessionId: string): Promise<{ readonly orgId: string; readonly userId: string } | undefined> {
    const stored = await this.#options.sessions.findById(sessionId).select({ orgId: 1, userId: 1 }).lean();
    return stored ?? undefined;
  }

  /** Whether a session is stored and its time not over. */
  async isLive(sessionId: string): Promise<boolean> {
    return (await this.#options.sessions.exists({ _id: sessionId, expiresAt: { $gt: new Date() } })) !== null;
  }

  /** Live sessions of a rep. */
  async count(orgId: string, userId: string): Promise<number> {
    return this.#options.sessions.countDocuments({ orgId, userId, expiresAt: { $gt: new Date() } });
  }

  /** How many live sessions each of these reps has; who has none is left out. */
  async counts(orgId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const live = await this.#options.sessions
      .find({ orgId, userId: { $in: userIds }, expiresAt: { $gt: new Date() } })
      .select({ userId: 1 })
      .lean();
    const counts = new Map<string, number>();
    for (const { userId } of live) counts.set(userId, (counts.get(userId) ?? 0) + 1);
    return counts;
  }

  /** Takes a session back that nobody was told of. */
  async discard(sessionId: string): Promise<void> {
    await this.#options.sessions.deleteOne({ _id: sessionId });
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#open.clear();
  }

  async #read(token: VerifiedToken): Promise<OpenSession> {
    if (this.#options.revocations.covers(token.sessionId)) throw new SessionEnded();
    const stored = await this.#options.sessions.findById(token.sessionId).lean();
    if (stored === null || stored.expiresAt.getTime() <= Date.now()) throw new SessionEnded();
    if (!equalDigests(sha256(token.key), Buffer.from(stored.keyHash, 'base64url'))) throw new SessionEnded();
    let session: OpenSession;
    try {
      session = this.#unseal(stored, token.key);
    } catch {
      throw new SessionEnded();
    }
    if (this.#options.revocations.covers(stored._id)) throw new SessionEnded();
    this.#open.set(stored._id, session);
    return session;
  }

  #unseal(stored: SessionDocument, key: Buffer): OpenSession {
    const secrets = this.#secrets(stored, key);
    const accessToken = Secret.of(secrets.accessToken);
    const { instanceUrl } = secrets;
    return {
      rep: {
        userId: stored.userId,
        orgId: stored.orgId,
        sessionId: stored._id,
        salesforceUserId: secrets.salesforceUserId,
        salesforceOrgId: secrets.salesforceOrgId,
        isAdmin: stored.isAdmin,
        origin: secrets.origin,
        signedInAt: stored.signedInAt.getTime(),
        expiresAt: stored.expiresAt.getTime(),
        crm: this.#options.openCrm({ instanceUrl, accessToken }, stored.orgId),
      },
      name: secrets.name,
      isReauthenticated: stored.isReauthenticated,
      accessToken,
      instanceUrl,
      key: Buffer.from(key),
      half: secrets.half === undefined ? undefined : Buffer.from(secrets.half, 'base64url'),
      reps: new Map(),
      tokens: new Set(),
    };
  }

  #secrets(stored: SessionDocument, key: Buffer): SessionSecrets {
    const plaintext = open({ version: 'key', bytes: key }, this.#place(stored), stored.sealed);
    const secrets = JSON.parse(plaintext.toString('utf8')) as SessionSecrets;
    plaintext.fill(0);
    return secrets;
  }

  #forget(ended: SessionsEnded): void {
    for (const sessionId of ended.sessionIds) this.#open.delete(sessionId);
  }

  #overwrite(session: OpenSession): void {
    session.key.fill(0);
    session.half?.fill(0);
    session.half = undefined;
    for (const jwt of session.tokens) {
      this.#verified.get(jwt)?.key.fill(0);
      this.#verified.delete(jwt);
    }
    session.tokens.clear();
  }

  /** What a session says in clear is part of what seals it: nobody makes an admin by editing the database. */
  #place(session: Omit<SessionDocument, 'sealed' | 'keyHash' | 'keySalt'>): Place {
    const rights = [
      session.isAdmin,
      session.isReauthenticated,
      session.signedInAt.getTime(),
      session.expiresAt.getTime(),
    ];
    return {
      region: this.#options.region,
      org: session.orgId,
      user: session.userId,
      provider: 'salesforce',
      collection: 'sessions',
      field: `sealed:${rights.join(':')}`,
      record: session._id,
    };
  }
}

/** HKDF-SHA-256(verifier, salt, sid): DESIGN 3.6. */
function sessionKey(verifier: Secret, salt: Uint8Array, sessionId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', verifier.reveal(), salt, sessionId, 32));
}
