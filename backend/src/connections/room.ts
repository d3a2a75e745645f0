import type { FastifyInstance } from 'fastify';
import type { Auth } from '../auth/auth.ts';
import type { OpenSession } from '../auth/sessions.ts';
import type { Log } from '../http/log.ts';
import { isAllowedOrigin, type OriginRules } from '../http/origin.ts';
import type { ProblemError } from '../http/problem.ts';
import { Connecting } from './connecting.ts';
import { Connections, type ConnectionChange } from './connections.ts';
import type { ProviderSettings } from './endpoints.ts';
import { GrantCheck } from './grant-check.ts';
import { Halves } from './halves.ts';
import { keyNames } from './key-record.ts';
import type { connectionModel } from './model.ts';
import { ProviderOAuth } from './oauth.ts';
import { Opener } from './opener.ts';
import { adminConsentUrl } from './provider.ts';
import { Refresher, type RefreshPolicy } from './refresher.ts';
import { connectionRoutes } from './routes.ts';
import { ConnectionStore } from './store.ts';
import type { ProviderName } from './tokens.ts';
import { TokenUses, type TokenUse } from './token-uses.ts';

export interface ConnectionsOptions {
  readonly config: ProviderSettings & OriginRules;
  readonly region: string;
  readonly publicUrl: () => string;
  readonly model: ReturnType<typeof connectionModel>;
  readonly auth: Auth;
  /** Of the installed package; '' for none. */
  readonly namespace: string;
  readonly channelsOf: (orgId: string) => Promise<Readonly<Record<ProviderName, boolean>>>;
  readonly onConnected: (change: ConnectionChange) => Promise<void>;
  readonly onDisconnected: (change: ConnectionChange) => Promise<void>;
  /** Stores how often tokens were used. */
  readonly writeUses: (uses: readonly TokenUse[]) => Promise<void>;
  readonly problemOf: (error: unknown) => ProblemError;
  readonly log: Log;
  readonly refreshPolicy?: RefreshPolicy;
}

/** What other rooms may ask of connections. */
export interface ConnectionsRoom {
  readonly connections: Connections;
  readonly halves: Halves;
  readonly store: ConnectionStore;
  readonly opener: Opener;
  /** For each session that begins. */
  onSession(session: OpenSession): void;
  close(): Promise<void>;
}

/** Puts connections together on `app`: tokens at rest, their refresh, and the routes. */
export async function openConnections(app: FastifyInstance, options: ConnectionsOptions): Promise<ConnectionsRoom> {
  const { auth, config, region, publicUrl, channelsOf, log } = options;
  const { sessions, repKeys, signIns } = auth;
  const store = new ConnectionStore(options.model);
  const halves = new Halves({ sessions, repKeys, names: keyNames(options.namespace) });
  const oauth = new ProviderOAuth(config, publicUrl);
  const opener = new Opener(store, halves, region);
  const policy = options.refreshPolicy === undefined ? {} : { policy: options.refreshPolicy };
  const refresher = new Refresher({ store, opener, halves, oauth, log, ...policy });
  const uses = new TokenUses({ write: options.writeUses });
  const adminUrl = (provider: ProviderName): string | undefined =>
    adminConsentUrl(config, provider, oauth.redirectUri(provider));
  const { onConnected, onDisconnected } = options;
  const connections = new Connections({
    store,
    halves,
    opener,
    refresher,
    grantCheck: new GrantCheck({ store, refresher, log }),
    oauth,
    uses,
    repKeys,
    channelsOf,
    adminUrl,
    onDisconnected,
  });
  const connecting = new Connecting({
    signIns,
    settings: config,
    region,
    publicUrl,
    oauth,
    halves,
    opener,
    repKeys,
    store,
    connections,
    channelsOf,
    adminUrl,
    onConnected,
    log,
  });
  app.addHook('onRoute', (route) => {
    if (route.url !== '/v1/accounts' || route.method !== 'GET') return;
    route.onResponse = (request, _reply, done) => {
      // The rep has their first rows: now the customer’s half may be looked up (DESIGN 6).
      if (isSignedIn(request)) halves.rowsServed(request.rep.sessionId);
      done();
    };
  });
  await app.register(connectionRoutes, {
    connections,
    connecting,
    accepts: (origin) => isAllowedOrigin(config, origin),
    problemOf: options.problemOf,
    log,
  });
  return {
    connections,
    halves,
    store,
    opener,
    onSession: (session) => halves.warmUp(session, (rep) => connections.moveToNewestHalf(rep)),
    close: async () => {
      halves.close();
      await refresher.settle();
      await uses.close();
      await oauth.close();
    },
  };
}

/** The guard may have refused the request: then it has no rep. */
function isSignedIn(request: { readonly rep: unknown }): boolean {
  return request.rep !== null && request.rep !== undefined;
}
