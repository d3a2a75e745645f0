import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import type { SessionTokens } from './jwt.ts';
import { OriginMismatch, SessionEnded } from './problems.ts';
import type { SalesforceOAuth } from './salesforce-oauth.ts';
import type { OpenSession, Sessions } from './sessions.ts';

export interface SignOutParts {
  readonly tokens: SessionTokens;
  readonly sessions: Sessions;
  readonly oauth: SalesforceOAuth;
  readonly log: Log;
}

/** Signing out: the session ends here at once and everywhere within a poll. */
export class SignOut {
  readonly #parts: SignOutParts;

  constructor(parts: SignOutParts) {
    this.#parts = parts;
  }

  /**
   * Ends the session of a JWT. A session that ended already, by itself or by an earlier call, is signed out: no error.
   * @param origin the Origin header
   * @throws SessionEnded not a JWT of ours, or not this session's; OriginMismatch
   */
  async of(jwt: string, origin: string | undefined): Promise<void> {
    const { tokens, sessions, log } = this.#parts;
    const token = await tokens.verify(jwt, true);
    if (token === undefined) throw new SessionEnded();
    let session: OpenSession;
    try {
      session = sessions.inMemory(token) ?? (await sessions.open(token));
    } catch (error) {
      if (error instanceof SessionEnded && !(await sessions.stored.isLive(token.sessionId))) return;
      throw error;
    }
    const { rep } = session;
    if (origin !== undefined && origin !== rep.origin) throw new OriginMismatch();
    await sessions.endOne(rep);
    log.info(events.signedOut, { org: rep.orgId, rep: rep.userId });
    void this.#revokeWithLast(session);
  }

  /** Salesforce may hand one token to several sessions of a rep, so it is revoked there with the last of them. */
  async #revokeWithLast({ rep, instanceUrl, accessToken }: OpenSession): Promise<void> {
    const { sessions, oauth } = this.#parts;
    const others = await sessions.stored.count(rep.orgId, rep.userId).catch(() => 1);
    if (others === 0) await oauth.revoke(instanceUrl, accessToken);
  }
}
