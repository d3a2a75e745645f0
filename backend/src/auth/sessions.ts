import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import type { CrmConnection } from '../salesforce/connection.ts';
import type { CrmGrant } from '../salesforce/connect.ts';
import { equalDigests, sha256 } from '../vault/digest.ts';
import { Secret } from '../vault/secret.ts';
import type { VerifiedToken } from './jwt.ts';
import type { SessionDocument } from './model.ts';
import { SessionEnded } from './problems.ts';
import type { CallPurpose } from '../salesforce/call-purpose.ts';
import type { Rep } from './rep.ts';
import type { Revocations, SessionsEnded } from './revocations.ts';
import { SessionSeal, type NewSession } from './session-seal.ts';
import { StoredSessions } from './stored-sessions.ts';

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
  /** The one that the customer's record holds now, where it was made anew while this session lives; overwritten likewise. */
  newerHalf: Buffer | undefined;
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

const SWEEP_MS = 15_000;
/** Part of a session's idle time that it may be off by; lru-cache sets a timer as often. */
const IDLE_RESOLUTION = 1 / 1_000;

/** Keeps a revocation far below MongoDB's 16 MB a document. */
const IDS_PER_REVOCATION = 10_000;

/** A session has one JWT, or two where the signing key changed between a request and its repetition. */
const MAX_TOKENS = 4;

/**
 * The sessions: sealed in the database, opened in memory by the JWT's `key`. The `key` is made of the verifier, which
 * the backend never keeps: who has the database alone opens no session (DESIGN 6).
 */
export class Sessions {
  /** What can be known of sessions without opening them. */
  readonly stored: StoredSessions;
  readonly #options: SessionsOptions;
  readonly #seal: SessionSeal;
  readonly #open: LRUCache<string, OpenSession>;
  /** What each verified JWT said. An entry lives as long as its session is open here, and no longer. */
  readonly #verified = new Map<string, VerifiedToken>();
  readonly #opening = new Map<string, Promise<OpenSession>>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.stored = new StoredSessions(options.sessions);
    this.#seal = new SessionSeal(options.region);
    const idleMs = options.idleMs ?? 10 * 60_000;
    this.#open = new LRUCache({
      max: options.maxOpen ?? 20_000,
      ttl: idleMs,
      ttlResolution: Math.ceil(idleMs * IDLE_RESOLUTION),
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
    const { document, key } = this.#seal.make(session, verifier);
    await this.#options.sessions.create(document);
    return { sessionId: document._id, key };
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
    const key = this.#seal.keyOf(stored, verifier);
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
    const { half } = this.#seal.open(stored, session.key);
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
      const secrets = this.#seal.open(stored, session.key);
      if (secrets.half !== undefined) {
        session.half = Buffer.from(secrets.half, 'base64url');
        return session.half;
      }
      const sealed = this.#seal.close(stored, session.key, { ...secrets, half: half.toString('base64url') });
      const filter = { _id: stored._id, sealed: stored.sealed };
      const changed = await this.#options.sessions.updateOne(filter, { $set: { sealed } });
      if (changed.modifiedCount === 0) continue;
      session.half = Buffer.from(half);
      return session.half;
    }
  }

  /** Keeps a half that was read anew beside the one of the sign-in, in this process. @throws SessionEnded */
  keepNewerHalf(session: OpenSession, half: Buffer): void {
    if (this.#open.peek(session.rep.sessionId) !== session) throw new SessionEnded();
    session.newerHalf?.fill(0);
    session.newerHalf = Buffer.from(half);
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

  /**
   * Ends all sessions of a rep, or of an org when no rep is named, everywhere. Returns how many there were.
   * @param except a session that goes on
   */
  async endAll(orgId: string, userId?: string, except?: string): Promise<number> {
    const whose = userId === undefined ? { orgId } : { orgId, userId };
    await this.#options.onEnding?.(orgId, userId);
    const stored = await this.#options.sessions.find(whose).select({ _id: 1 }).lean();
    const sessionIds = stored.map((session) => session._id).filter((id) => id !== except);
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
    const secrets = this.#seal.open(stored, key);
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
      newerHalf: undefined,
      reps: new Map(),
      tokens: new Set(),
    };
  }

  #forget(ended: SessionsEnded): void {
    for (const sessionId of ended.sessionIds) this.#open.delete(sessionId);
  }

  #overwrite(session: OpenSession): void {
    session.key.fill(0);
    session.half?.fill(0);
    session.half = undefined;
    session.newerHalf?.fill(0);
    session.newerHalf = undefined;
    for (const jwt of session.tokens) {
      this.#verified.get(jwt)?.key.fill(0);
      this.#verified.delete(jwt);
    }
    session.tokens.clear();
  }
}
