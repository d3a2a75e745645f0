import type { Rep } from '../auth/rep.ts';
import type { OurHalf, RepKeys } from '../auth/rep-keys.ts';
import { unlessAborted } from '../http/unless-aborted.ts';
import { ProblemError } from '../http/problem.ts';
import { NotFound } from '../http/problems.ts';
import type { CustomersHalf, Halves } from './halves.ts';
import type { GrantCheck } from './grant-check.ts';
import type { ConnectionDocument } from './model.ts';
import type { ProviderOAuth } from './oauth.ts';
import type { OpenConnection, Opener } from './opener.ts';
import { ConnectionUnusable, NotOffered, ProviderUnavailable } from './problems.ts';
import type { Refresher } from './refresher.ts';
import { connectionId, hasSameTokens, isLive, type ConnectionStore, type LiveConnection } from './store.ts';
import { openLabel, sealTokens } from './token-set.ts';
import type { TokenUses } from './token-uses.ts';
import {
  PROVIDERS,
  ScopeRefused,
  TokenRefused,
  type ProviderName,
  type ProviderTokens,
  type TokenPurpose,
} from './tokens.ts';
import { isUnderOtherHalf, notConnected, viewOf, type ConnectionView } from './view.ts';
import type { Secret } from '../vault/secret.ts';

/** What a disconnect did at the provider; `no_endpoint`: only the person can end the grant there. */
export type Revocation = 'revoked' | 'no_endpoint' | 'failed';

/** What is told to others of the beginning and end of connections. */
export interface ConnectionChange {
  readonly orgId: string;
  readonly userId: string;
  readonly provider: ProviderName;
}

/** A connection as an export of the rep's data holds it; no tokens. */
export type ExportedConnection = Pick<ConnectionView, 'provider' | 'status' | 'reason' | 'label' | 'scopes' | 'since'>;

export interface ConnectionsParts {
  readonly store: ConnectionStore;
  readonly halves: Halves;
  readonly opener: Opener;
  readonly refresher: Refresher;
  readonly grantCheck: GrantCheck;
  readonly oauth: ProviderOAuth;
  readonly uses: TokenUses;
  readonly repKeys: RepKeys;
  readonly channelsOf: (orgId: string) => Promise<Readonly<Record<ProviderName, boolean>>>;
  readonly adminUrl: (provider: ProviderName) => string | undefined;
  /** Called when a connection was ended by its rep; stored before the answer. */
  readonly onDisconnected: (change: ConnectionChange) => Promise<void>;
}

/** Longer than any refresh or connect that read a half as the newest, in milliseconds. */
const HALF_GRACE_MS = 2 * 60_000;

/** The reps' connections to Gmail, Outlook and Outreach: shown, used, ended. */
export class Connections implements ProviderTokens {
  readonly #parts: ConnectionsParts;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  async withToken<T>(
    rep: Rep,
    provider: ProviderName,
    purpose: TokenPurpose,
    signal: AbortSignal,
    use: (token: Secret) => Promise<T>,
  ): Promise<T> {
    const { orgId, userId } = rep;
    if (!(await this.#parts.channelsOf(orgId))[provider]) throw new NotOffered(provider, 'channel_off');
    let open = await this.#live(rep, provider, signal);
    for (let attempt = 1; ; attempt += 1) {
      this.#parts.uses.count({ orgId, userId, provider, purpose });
      try {
        return await use(open.tokens.accessToken);
      } catch (error) {
        if (error instanceof ScopeRefused) {
          await this.#parts.grantCheck.afterRefusal(rep, open.connection, error.evidence, signal);
          throw error.problem;
        }
        if (!(error instanceof TokenRefused)) throw error;
        // A token that was made a moment ago and is refused says something about the provider, not about the grant.
        if (attempt === 2) throw new ProviderUnavailable(provider);
        open = await this.#live(rep, provider, signal, open.connection);
      }
    }
  }

  /**
   * The rep's connections, one for each provider.
   * @param waits whether to look the customer's half up where nobody has yet; if not, the stored state is shown
   */
  async list(rep: Rep, waits = true): Promise<readonly ConnectionView[]> {
    const { store, halves, channelsOf } = this.#parts;
    const [stored, channels] = await Promise.all([store.ofRep(rep), channelsOf(rep.orgId)]);
    const half = waits ? await this.#halfFor(rep, stored) : knownFor(stored, halves.known(rep));
    return Promise.all(
      PROVIDERS.map((provider) =>
        this.#view(
          rep,
          provider,
          stored.find((one) => one.provider === provider),
          half,
          channels[provider],
        ),
      ),
    );
  }

  /** One of them. */
  async one(rep: Rep, provider: ProviderName): Promise<ConnectionView> {
    const { store, channelsOf } = this.#parts;
    const [stored, channels] = await Promise.all([store.find(rep, provider), channelsOf(rep.orgId)]);
    const half = await this.#halfFor(rep, stored === undefined ? [] : [stored]);
    return this.#view(rep, provider, stored, half, channels[provider]);
  }

  /**
   * Ends a connection: its tokens are gone here before the provider is told.
   * @throws NotFound there is none
   */
  async disconnect(rep: Rep, provider: ProviderName): Promise<Revocation> {
    const { store, opener, oauth, onDisconnected } = this.#parts;
    const { orgId, userId } = rep;
    const connection = await store.find(rep, provider);
    if (connection === undefined) throw new NotFound();
    // A connection that cannot be opened can still be ended here; whoever refreshes it now lets its tokens go.
    const open = isLive(connection) ? await opener.open(rep, connection).catch(unlessFatal) : undefined;
    if (!(await store.delete(rep, provider))) throw new NotFound();
    await onDisconnected({ orgId, userId, provider });
    if (!oauth.hasRevocation(provider)) return 'no_endpoint';
    if (open === undefined) return 'failed';
    const isShared = await store.isShared(open.connection.mark, connectionId(rep, provider));
    return isShared ? 'failed' : oauth.revoke(provider, open.tokens.refreshToken);
  }

  /**
   * Seals the rep's tokens under our newest half, where they are not, and deletes the halves that seal nothing any more.
   * What the customer took back is told so from here on.
   */
  async moveToNewestHalf(rep: Rep): Promise<void> {
    const { store, halves, repKeys } = this.#parts;
    const { orgId, userId } = rep;
    const stored = await store.ofRep(rep);
    if (stored.length === 0) return;
    const ours = await halves.oursToSeal(rep);
    for (const connection of stored)
      if (isLive(connection) && connection.status === 'connected')
        await this.#moveToHalf(rep, connection, ours).catch(unlessUnusable);
    await repKeys.dropHalves(orgId, userId, await store.usesOfHalves(orgId, userId), HALF_GRACE_MS);
  }

  async #moveToHalf(rep: Rep, seen: LiveConnection, ours: OurHalf): Promise<void> {
    const { store, opener } = this.#parts;
    const { connection, tokens, halves } = await opener.open(rep, seen);
    if (connection.halves.ours === ours.version) return;
    const label = openLabel(halves, opener.placeOf(connection), connection.label) ?? '';
    const version = connection.version + 1;
    const sealed = sealTokens({ ...halves, ours }, opener.placeOf({ ...connection, version }), tokens, label);
    await store.reseal(connection, {
      version,
      sealed: sealed.tokens,
      label: sealed.label,
      halves: { ...connection.halves, ours: ours.version },
    });
  }

  /** Deletes a rep's connections; nobody but the rep could have ended them at the providers. Returns how many. */
  eraseUser(orgId: string, userId: string): Promise<number> {
    return this.#parts.store.deleteAll(orgId, userId);
  }

  eraseOrg(orgId: string): Promise<number> {
    return this.#parts.store.deleteAll(orgId);
  }

  /** Ends the rep's own connections here and, where it can be, there: for a rep who erases themself. */
  async revokeAll(rep: Rep): Promise<readonly { readonly provider: ProviderName; readonly result: Revocation }[]> {
    const stored = await this.#parts.store.ofRep(rep);
    return Promise.all(
      stored.map(async ({ provider }) => {
        const result = await this.disconnect(rep, provider).catch(unlessFatal);
        return { provider, result: result ?? 'failed' };
      }),
    );
  }

  async exportUser(rep: Rep): Promise<readonly ExportedConnection[]> {
    const views = await this.list(rep);
    return views
      .filter(({ status }) => status !== 'not_connected')
      .map(({ provider, status, reason, label, scopes, since }) => ({
        provider,
        status,
        reason,
        label,
        scopes,
        since,
      }));
  }

  /** Who of an org has connected what, for its admins: no account, no address. By user id. */
  async summary(
    orgId: string,
  ): Promise<ReadonlyMap<string, readonly { readonly provider: ProviderName; readonly status: string }[]>> {
    const byUser = new Map<string, { readonly provider: ProviderName; readonly status: string }[]>();
    for (const { userId, provider, status, lease } of await this.#parts.store.ofOrg(orgId)) {
      const shown = status === 'connected' && lease !== undefined ? 'refreshing' : status;
      byUser.set(userId, [...(byUser.get(userId) ?? []), { provider, status: shown }]);
    }
    return byUser;
  }

  /** How many connections of an org lie under the customer's halves, and of how many people. */
  async sealedIn(orgId: string): Promise<{ readonly connections: number; readonly people: number }> {
    const owners = await this.#parts.store.sealedIn(orgId);
    return { connections: owners.length, people: new Set(owners).size };
  }

  /** Providers that a person, or an org's people, have granted something. */
  async grantsOf(orgId: string, userId?: string): Promise<readonly ProviderName[]> {
    const stored = await this.#parts.store.ofOrg(orgId);
    const own = stored.filter((one) => userId === undefined || one.userId === userId);
    return [...new Set(own.map(({ provider }) => provider))];
  }

  /** What is held of a rep's connections, whoever asks: no account, no address. */
  async rowsOf(orgId: string, userId: string): Promise<readonly object[]> {
    const stored = await this.#parts.store.ofRep({ orgId, userId });
    return stored.map(({ provider, status, reason, scopes, since, refreshedAt }) => ({
      provider,
      status,
      reason: reason ?? null,
      scopes,
      since: since?.toISOString() ?? null,
      refreshedAt: refreshedAt?.toISOString() ?? null,
    }));
  }

  /** A grant that was ended after a backup was taken stays ended when that backup comes back. */
  endedAgain(orgId: string, userId: string, provider: string, at: Date): Promise<void> {
    return this.#parts.store.deleteEnded(orgId, userId, provider, at);
  }

  /** After a restore of the database: what rotating providers gave since is lost. Returns how many ended. */
  endRestored(): Promise<number> {
    return this.#parts.store.endRestored(['outreach']);
  }

  /** @param refused whose access token the provider refused */
  async #live(
    rep: Rep,
    provider: ProviderName,
    signal: AbortSignal,
    refused?: LiveConnection,
  ): Promise<OpenConnection> {
    const { store, opener, refresher } = this.#parts;
    const connection = await store.find(rep, provider);
    if (connection === undefined) throw new ConnectionUnusable(provider, 'not_connected');
    const open = await opener.open(rep, connection);
    const isRefused = refused !== undefined && hasSameTokens(refused, open.connection);
    const mustRefresh = isRefused || refresher.isOver(open.connection);
    if (!mustRefresh && (!refresher.isDue(open.connection) || refresher.isBackingOff(open.connection))) return open;
    try {
      return await unlessAborted(refresher.refresh(rep, open.connection), signal);
    } catch (error) {
      // Early refreshes may fail for a moment: the token at hand is still good.
      if (error instanceof ProviderUnavailable && !mustRefresh && !refresher.isOver(open.connection)) return open;
      throw error;
    }
  }

  /** The customer's half, read anew where a connection lies under another one than this session knows. */
  async #halfFor(rep: Rep, stored: readonly ConnectionDocument[]): Promise<CustomersHalf | undefined> {
    const { halves } = this.#parts;
    if (stored.length === 0) return undefined;
    try {
      const half = await halves.customers(rep);
      const other = stored.find((one) => one.status === 'connected' && isUnderOtherHalf(one, half));
      return other?.halves === undefined ? half : await halves.customers(rep, other.halves.customers);
    } catch (error) {
      if (error instanceof ProblemError) return undefined; // Salesforce does not answer: what is stored is shown
      throw error;
    }
  }

  async #view(
    rep: Rep,
    provider: ProviderName,
    connection: ConnectionDocument | undefined,
    half: CustomersHalf | undefined,
    isOn: boolean,
  ): Promise<ConnectionView> {
    const { oauth, store, adminUrl } = this.#parts;
    if (!oauth.isOffered(provider)) return notConnected(provider, 'not_offered');
    if (connection === undefined) return notConnected(provider, isOn ? null : 'channel_off');
    if (connection.status === 'connected' && isUnderOtherHalf(connection, half))
      await store.end(connection, 'reconnect', 'key_removed');
    const label = isLive(connection) ? await this.#label(rep, connection, half) : undefined;
    return viewOf(connection, { rep, half, label, adminUrl: adminUrl(provider) });
  }

  async #label(rep: Rep, connection: LiveConnection, half: CustomersHalf | undefined): Promise<string | undefined> {
    if (half?.kind !== 'usable' || half.name !== connection.halves.customers) return undefined;
    const ours = await this.#parts.halves.ours(rep, connection.halves.ours);
    if (ours === undefined) return undefined;
    return openLabel({ ours, customers: half.half }, this.#parts.opener.placeOf(connection), connection.label);
  }
}

/** What a process knows without asking: nothing where a connection lies under a half that may be a newer one. */
function knownFor(stored: readonly ConnectionDocument[], half: CustomersHalf | undefined): CustomersHalf | undefined {
  return stored.some((one) => one.status === 'connected' && isUnderOtherHalf(one, half)) ? undefined : half;
}

/** One connection that is over, and is told so, does not keep the others from moving. */
function unlessUnusable(error: unknown): void {
  if (!(error instanceof ConnectionUnusable)) throw error;
}

/** Anything that a connection can be ended in spite of. */
function unlessFatal(error: unknown): undefined {
  if (error instanceof ProblemError) return undefined;
  throw error;
}
