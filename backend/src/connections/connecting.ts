import { hkdfSync, createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Popup, type CallbackOutcome, type CallbackRequest } from '../auth/popup.ts';
import { CodeInvalid, TooManyTrips, StateInvalid } from '../auth/problems.ts';
import type { Rep } from '../auth/rep.ts';
import type { RepKeys } from '../auth/rep-keys.ts';
import { EXCHANGE_MS, Trips, type FinishedTrip, type SignInDocument } from '../auth/trips.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { ProblemError } from '../http/problem.ts';
import { Secret } from '../vault/secret.ts';
import type { Model } from 'mongoose';
import type { Connections, ConnectionChange } from './connections.ts';
import { clientOf, type ProviderSettings } from './endpoints.ts';
import type { Halves } from './halves.ts';
import type { ConnectionDocument } from './model.ts';
import { AnswerLost, TokenRefusal, type ProviderOAuth, type Tokens } from './oauth.ts';
import type { Opener } from './opener.ts';
import {
  ConnectionCodeInvalid,
  ConsentDenied,
  KeyObjectMissing,
  NotOffered,
  OtherAccount,
  ProviderInvalid,
  ProviderUnavailable,
  ScopeMissing,
  TicketInvalid,
  TITLES,
  WaitingForAdmin,
} from './problems.ts';
import { hasRequiredScopes, providers, type Account } from './provider.ts';
import { tokenRefusal } from './provider-errors.ts';
import { connectionId, hasSameTokens, isLive, type ConnectionStore } from './store.ts';
import { sealTokens } from './token-set.ts';
import { Tickets } from './tickets.ts';
import { PROVIDERS, type ProviderName } from './tokens.ts';
import type { ConnectionView } from './view.ts';
import type { UsableHalf } from './halves.ts';

/** What a trip to a provider knows beside the rest: whose mailbox it is to be. */
export interface ConnectionDetails {
  readonly orgId: string;
  readonly userId: string;
}

export interface FinishRequest {
  readonly code: string;
  readonly verifier: Secret;
  /** '' when there was none. */
  readonly idempotencyKey: string;
}

export interface ConnectingParts {
  readonly signIns: Model<SignInDocument>;
  readonly settings: ProviderSettings;
  readonly region: string;
  readonly publicUrl: () => string;
  readonly oauth: ProviderOAuth;
  readonly halves: Halves;
  readonly opener: Opener;
  readonly repKeys: RepKeys;
  readonly store: ConnectionStore;
  readonly connections: Connections;
  readonly channelsOf: (orgId: string) => Promise<Readonly<Record<ProviderName, boolean>>>;
  readonly adminUrl: (provider: ProviderName) => string | undefined;
  /** Called before the answer; a connection that cannot be audited is not made. */
  readonly onConnected: (change: ConnectionChange) => Promise<void>;
  readonly log: Log;
}

/** How often fresh tokens are stored anew because the old ones moved to another half meanwhile. */
const STORE_TRIES = 3;

/** Between two looks at an exchange that another request runs, in milliseconds. */
const LOOK_MS = 100;

/**
 * Connecting a provider (DESIGN 3, "Connecting"): the same dance as signing in, so that nobody can hang a victim's mailbox
 * on their own account. The ticket names the rep, the cookie the browser, the verifier the page; only all three together
 * lead to an exchange.
 */
export class Connecting {
  readonly #parts: ConnectingParts;
  readonly #tickets: Tickets;
  readonly #trips: Readonly<Record<ProviderName, Trips<ConnectionDetails>>>;
  readonly #popups: Readonly<Record<ProviderName, Popup<ConnectionDetails>>>;

  constructor(parts: ConnectingParts) {
    this.#parts = parts;
    const { signIns, region, publicUrl } = parts;
    this.#tickets = new Tickets(signIns, region);
    this.#trips = byProvider((provider) => new Trips<ConnectionDetails>(signIns, region, provider));
    this.#popups = byProvider(
      (provider) =>
        new Popup<ConnectionDetails>({
          trips: this.#trips[provider],
          title: TITLES[provider],
          publicUrl,
          refusal: (error, description, trip) => this.#refused(provider, error, description, trip),
        }),
    );
  }

  /**
   * @returns the popup's address, and until when it can be opened
   * @throws NotOffered; KeyObjectMissing; the Crm errors
   */
  async start(
    rep: Rep,
    provider: ProviderName,
    request: { readonly challenge: string; readonly origin: string },
  ): Promise<{ readonly url: string; readonly expiresAt: string }> {
    const { oauth, publicUrl, channelsOf } = this.#parts;
    if (!oauth.isOffered(provider)) throw new NotOffered(provider, 'not_offered');
    if (!(await channelsOf(rep.orgId))[provider]) throw new NotOffered(provider, 'channel_off');
    await this.#usableHalf(rep);
    const { orgId, userId } = rep;
    const { ticket, expiresAt } = await this.#tickets.issue(provider, { ...request, orgId, userId });
    return { url: `${publicUrl()}/v1/connections/${provider}/go?ticket=${ticket}`, expiresAt: expiresAt.toISOString() };
  }

  /** The page that a ticket's popup may tell things to; undefined for no ticket of ours. */
  async originOf(provider: ProviderName, ticket: string): Promise<string | undefined> {
    try {
      return (await this.#tickets.read(provider, ticket)).origin;
    } catch {
      return undefined;
    }
  }

  /** Begins a trip, at most three for a ticket. @throws TicketInvalid */
  async go(provider: ProviderName, secret: string): Promise<{ readonly location: string; readonly setCookie: string }> {
    const ticket = await this.#tickets.read(provider, secret);
    try {
      const { state, pkceVerifier, setCookie } = await this.#popups[provider].begin(ticket);
      return { location: this.#parts.oauth.authorizeUrl(provider, state, pkceVerifier), setCookie };
    } catch (error) {
      throw error instanceof TooManyTrips || error instanceof StateInvalid ? new TicketInvalid() : error;
    }
  }

  /** @throws as `Popup.callback` */
  callback(provider: ProviderName, request: CallbackRequest, cookies: string): Promise<CallbackOutcome> {
    return this.#popups[provider].callback(request, cookies);
  }

  /**
   * Exchanges a provider's code for the rep who started, and for nobody else.
   * @throws ConnectionCodeInvalid; KeyObjectMissing; OtherAccount; ScopeMissing; ProviderInvalid; ProviderUnavailable
   */
  async finish(rep: Rep, provider: ProviderName, request: FinishRequest): Promise<ConnectionView> {
    const { connections, log } = this.#parts;
    const trips = this.#trips[provider];
    const until = performance.now() + EXCHANGE_MS + 1_000;
    for (;;) {
      const claim = await trips.claim(request.code, request.verifier, request.idempotencyKey).catch(wordCode);
      switch (claim.kind) {
        case 'first':
          try {
            return await this.#exchange(rep, provider, claim.tripId, claim.trip);
          } catch (error) {
            const problem = error instanceof ProblemError ? error.problem.code : 'internal';
            log.warn(events.connectionRefused, { org: rep.orgId, rep: rep.userId, provider, problem });
            throw error;
          }
        case 'repeated':
          if (claim.madeId !== connectionId(rep, provider)) throw new ConnectionCodeInvalid();
          return connections.one(rep, provider);
        case 'replayed':
          throw new ConnectionCodeInvalid();
        case 'refused':
          throw new ProblemError(claim.problem);
        case 'running':
          if (performance.now() > until) throw new ConnectionCodeInvalid();
          await delay(LOOK_MS);
      }
    }
  }

  async #exchange(
    rep: Rep,
    provider: ProviderName,
    tripId: string,
    trip: FinishedTrip<ConnectionDetails>,
  ): Promise<ConnectionView> {
    const { connections, log } = this.#parts;
    const trips = this.#trips[provider];
    // Somebody else's trip: the code goes to no provider (account linking).
    if (trip.userId !== rep.userId || trip.orgId !== rep.orgId) {
      await trips.abandon(tripId);
      throw new ConnectionCodeInvalid();
    }
    const signal = AbortSignal.timeout(EXCHANGE_MS - 5_000);
    try {
      await this.#connect(rep, provider, trip, signal);
      await trips.redeemed(tripId, connectionId(rep, provider), Date.now() + EXCHANGE_MS * 4);
      log.info(events.connectionMade, { org: rep.orgId, rep: rep.userId, provider });
      return await connections.one(rep, provider);
    } catch (error) {
      const reason = signal.aborted && !(error instanceof ProblemError) ? new ProviderUnavailable(provider) : error;
      const settled = reason instanceof ProblemError ? trips.refused(tripId, reason) : trips.abandon(tripId);
      await settled.catch(() => undefined);
      throw reason;
    }
  }

  async #connect(
    rep: Rep,
    provider: ProviderName,
    trip: FinishedTrip<ConnectionDetails>,
    signal: AbortSignal,
  ): Promise<void> {
    const { oauth, store } = this.#parts;
    const customers = await this.#usableHalf(rep);
    const code = Secret.of(trip.authorizationCode);
    const tokens = await oauth
      .exchange(provider, code, Secret.of(trip.pkceVerifier), signal)
      .catch((error: unknown) => this.#wordExchange(provider, rep, error));
    const before = await store.find(rep, provider);
    let account: Account | undefined;
    try {
      const granted = tokens.scopes ?? providers[provider].scopes;
      if (!hasRequiredScopes(providers[provider], granted)) {
        account = await oauth.identify(provider, tokens, signal).catch(() => undefined);
        throw new ScopeMissing(provider);
      }
      account = await oauth.identify(provider, tokens, signal);
      await this.#store(rep, provider, before, tokens, account, granted, customers);
    } catch (error) {
      await this.#letGo(provider, tokens, account);
      throw error;
    }
  }

  async #store(
    rep: Rep,
    provider: ProviderName,
    before: ConnectionDocument | undefined,
    tokens: Tokens,
    account: Account,
    scopes: readonly string[],
    customers: UsableHalf,
  ): Promise<void> {
    const { oauth, store, halves, opener, repKeys, onConnected } = this.#parts;
    const { orgId, userId } = rep;
    const accountMark = await repKeys.mark(orgId, userId, provider, account.id);
    if (before?.account !== undefined && before.account !== accountMark) throw new OtherAccount(provider);
    const refreshToken = tokens.refreshToken ?? (await this.#olderRefreshToken(rep, before));
    if (refreshToken === undefined)
      throw new ProviderInvalid(
        provider,
        'gave no lasting access. Remove OneShot from your account there, then connect again.',
      );
    await onConnected({ orgId, userId, provider });
    const _id = connectionId(rep, provider);
    const tokenSet = { accessToken: tokens.accessToken, refreshToken };
    for (let older = before, attempt = 1; ; attempt += 1) {
      const ours = await halves.oursToSeal(rep);
      const version = (older?.version ?? 0) + 1;
      const place = opener.placeOf({ _id, orgId, userId, provider, version } as ConnectionDocument);
      const sealed = sealTokens({ ours, customers: customers.half }, place, tokenSet, account.label);
      const now = Date.now();
      const isFirst = await store.connect(rep, provider, older, {
        version,
        sealed: sealed.tokens,
        label: sealed.label,
        halves: { customers: customers.name, ours: ours.version },
        account: accountMark,
        mark: this.#mark(provider, account),
        clientId: oauth.clientId(provider),
        scopes,
        since: older?.status === 'connected' && older.since !== undefined ? older.since : new Date(now),
        expiresAt: new Date(now + tokens.livesMs),
        refreshedAt: new Date(now),
      });
      if (isFirst) return;
      // Another finish or a refresh was faster: this one's tokens are let go, and the rep may click again. Where the same
      // tokens only moved to a newer half of ours, nobody has to.
      const stored = await store.find(rep, provider);
      const hasMoved = older !== undefined && stored !== undefined && hasSameTokens(older, stored);
      if (!hasMoved || attempt === STORE_TRIES) throw new ConnectionCodeInvalid();
      older = stored;
    }
  }

  /** A provider that was asked before may give no new refresh token for the same account: the old one goes on. */
  async #olderRefreshToken(rep: Rep, before: ConnectionDocument | undefined): Promise<Secret | undefined> {
    if (before === undefined || !isLive(before) || before.status !== 'connected') return undefined;
    if (before.clientId !== this.#parts.oauth.clientId(before.provider)) return undefined;
    const open = await this.#parts.opener.open(rep, before).catch(() => undefined);
    return open?.tokens.refreshToken;
  }

  /** Revokes fresh tokens that lead to no connection, unless an older grant of the same account would end with them. */
  async #letGo(provider: ProviderName, tokens: Tokens, account: Account | undefined): Promise<void> {
    const { oauth, store } = this.#parts;
    if (account === undefined || !oauth.hasRevocation(provider)) return;
    if (await store.isShared(this.#mark(provider, account), '')) return;
    await oauth.revoke(provider, tokens.refreshToken ?? tokens.accessToken);
  }

  async #usableHalf(rep: Rep): Promise<UsableHalf> {
    const half = await this.#parts.halves.customersToSeal(rep);
    if (half.kind !== 'usable') throw new KeyObjectMissing(half.kind);
    return half;
  }

  async #wordExchange(provider: ProviderName, rep: ConnectionDetails, error: unknown): Promise<never> {
    if (error instanceof AnswerLost) throw new ProviderUnavailable(provider);
    if (!(error instanceof TokenRefusal)) throw error;
    const { refusal } = error;
    if (refusal.kind === 'transient') throw new ProviderUnavailable(provider, refusal.retryAfterSeconds);
    if (refusal.kind === 'waiting_for_admin') throw await this.#waiting(provider, rep);
    if (refusal.kind === 'reconnect') throw new ConnectionCodeInvalid();
    throw new ProviderInvalid(provider);
  }

  /** What a provider's error redirect means. The same words stand in token answers. */
  async #refused(
    provider: ProviderName,
    error: string,
    description: string,
    trip: ConnectionDetails,
  ): Promise<ProblemError> {
    const body = JSON.stringify({ error, error_description: description });
    const refusal = tokenRefusal(provider, { status: 400, retryAfter: undefined, body });
    if (refusal.kind === 'waiting_for_admin') return this.#waiting(provider, trip);
    if (refusal.kind === 'transient') return new ProviderUnavailable(provider);
    if (error === 'access_denied' || refusal.kind === 'reconnect') return new ConsentDenied(provider);
    return new ProviderInvalid(provider);
  }

  async #waiting(provider: ProviderName, owner: ConnectionDetails): Promise<ProblemError> {
    await this.#parts.store.waitForAdmin(owner, provider, 'admin_consent_required');
    return new WaitingForAdmin(provider, this.#parts.adminUrl(provider));
  }

  /** The same for the same account in every org of this region; the key is made of our client secret. */
  #mark(provider: ProviderName, { id }: Account): string {
    const client = clientOf(this.#parts.settings, provider);
    const key = Buffer.from(hkdfSync('sha256', client?.clientSecret.reveal() ?? '', '', 'oneshot account mark', 32));
    return createHmac('sha256', key)
      .update(JSON.stringify([provider, client?.clientId, id]))
      .digest('base64url');
  }
}

/** An unknown code of a connection says so in its own words. */
function wordCode(error: unknown): never {
  throw error instanceof CodeInvalid ? new ConnectionCodeInvalid(error.problem.field, error.problem.rule) : error;
}

function byProvider<T>(make: (provider: ProviderName) => T): Readonly<Record<ProviderName, T>> {
  return Object.fromEntries(PROVIDERS.map((provider) => [provider, make(provider)])) as Record<ProviderName, T>;
}
