import type { FastifyInstance } from 'fastify';
import type { Connection, Model } from 'mongoose';
import type { Log } from '../http/log.ts';
import { loginUrlOf, type OriginRules } from '../http/origin.ts';
import type { ProblemError } from '../http/problem.ts';
import type { OrgDocument } from '../database/org-model.ts';
import type { Region } from '../regions.ts';
import type { CallPurpose } from '../salesforce/call-purpose.ts';
import type { CrmConnection } from '../salesforce/connection.ts';
import type { CrmGrant, CrmOptions } from '../salesforce/connect.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { guardSessions } from './guard.ts';
import { SessionTokens } from './jwt.ts';
import { Me, type MeParts, type OrgSettingsState } from './me.ts';
import { authModels, type SignInDocument } from './model.ts';
import { People } from './people.ts';
import { Redeemer, type NewSignIn } from './redeem.ts';
import { RepKeys } from './rep-keys.ts';
import { Revocations, type SessionsEnded } from './revocations.ts';
import { authRoutes } from './routes.ts';
import { SalesforceOAuth } from './salesforce-oauth.ts';
import { Sessions, type OpenSession } from './sessions.ts';
import { SignInPopup, type SignInDetails } from './sign-in-popup.ts';
import { SignOut } from './sign-out.ts';
import { Trips } from './trips.ts';

export interface AuthOptions {
  readonly config: OriginRules & {
    readonly region: Region;
    readonly regions: readonly Region[];
    readonly salesforce: { readonly clientId: string; readonly clientSecret: Secret };
    readonly packageNamespace: string;
  };
  /** Our own origin; known once the process listens. */
  readonly publicUrl: () => string;
  /** Connected, as `sessionsDatabase` is, which is never backed up. */
  readonly main: Connection;
  readonly sessionsDatabase: Connection;
  readonly orgs: Model<OrgDocument>;
  readonly vault: Vault;
  readonly openCrm: (grant: CrmGrant, onCall: NonNullable<CrmOptions['onCall']>) => CrmConnection;
  /** Counts calls to an org's Salesforce. */
  readonly countCalls: (orgId: string, purpose: CallPurpose, calls: number) => void;
  readonly settingsOf: (orgId: string) => Promise<OrgSettingsState>;
  /** Writes the audit entry of a sign-in; a sign-in that cannot be audited does not happen. */
  readonly auditSignIn: (signIn: NewSignIn) => Promise<void>;
  readonly auditRefusal: (signIn: NewSignIn) => Promise<void>;
  /** Told of each session that stands, as it is opened in this process; nothing waits for what it does. */
  readonly onSession?: (session: OpenSession) => void;
  readonly connectionsOf: MeParts['connectionsOf'];
  /** Called where an org's own record names another region, and where it names this one. */
  readonly regionLeft?: (orgId: string) => Promise<void>;
  readonly regionKept?: (orgId: string) => Promise<void>;
  /** All sessions of a rep, or of an org, are about to be ended by somebody. */
  readonly sessionsEnding?: (orgId: string, userId: string | undefined) => Promise<void>;
  /** How the service words what is no problem of ours, so that a popup's page says the same as a JSON answer. */
  readonly problemOf: (error: unknown) => ProblemError;
  readonly log: Log;
}

/** What other rooms may ask of sign-in. */
export interface Auth {
  readonly sessions: Sessions;
  readonly people: People;
  readonly oauth: SalesforceOAuth;
  readonly revocations: Revocations;
  readonly repKeys: RepKeys;
  /** For popups of other rooms: the same trips, with the same rules. */
  readonly signIns: Model<SignInDocument>;
  /** Called for each ending of sessions in whichever process: forget what these reps have in memory. */
  onSessionsEnded(listener: (ended: SessionsEnded) => void): void;
  close(): Promise<void>;
}

/** The longest session an admin can choose, in milliseconds (DESIGN 2, promise 6). */
export const LONGEST_SESSION_MS = 720 * 60_000;

/**
 * Puts sign-in together on `app`: the guard before every route below /v1, and the routes. Open it before the other rooms
 * register theirs. @throws what the database throws while it is away
 */
export async function openAuth(app: FastifyInstance, options: AuthOptions): Promise<Auth> {
  const { config, publicUrl, vault, openCrm, log } = options;
  const { clientId, clientSecret } = config.salesforce;
  const models = authModels(options.main, options.sessionsDatabase);
  await Promise.all(Object.values(models).map((model: { createIndexes(): Promise<void> }) => model.createIndexes()));
  const revocations = await Revocations.open({
    revocations: models.revocations,
    longestSessionMs: LONGEST_SESSION_MS,
  });
  const region = config.region.name;
  const sessions = new Sessions({
    sessions: models.sessions,
    revocations,
    region,
    ...(options.sessionsEnding === undefined ? {} : { onEnding: options.sessionsEnding }),
    openCrm: (grant, orgId) => openCrm(grant, (purpose) => options.countCalls(orgId, purpose, 1)),
  });
  const tokens = await SessionTokens.register(app, vault.signingKeys, region);
  const people = new People(options.orgs, models.users, vault.dataKeys);
  const oauth = new SalesforceOAuth({
    clientId,
    clientSecret,
    packageNamespace: config.packageNamespace,
    redirectUri: () => `${publicUrl()}/v1/auth/salesforce/callback`,
  });
  const trips = new Trips<SignInDetails>(models.signIns, region, 'salesforce');
  guardSessions(app, { tokens, sessions, revocations });
  await app.register(authRoutes, {
    popup: new SignInPopup({ trips, oauth, publicUrl, loginHostOf: (origin) => loginUrlOf(config, origin) }),
    redeemer: new Redeemer({
      trips,
      oauth,
      people,
      sessions,
      tokens,
      openCrm,
      countCalls: options.countCalls,
      regions: config.regions,
      here: config.region,
      settingsOf: async (orgId) => (await options.settingsOf(orgId)).settings,
      onSignedIn: options.auditSignIn,
      onTakenBack: options.auditRefusal,
      onSession: (token) => {
        if (options.onSession !== undefined) sessions.open(token).then(options.onSession, () => undefined);
      },
      onRegionLeft: options.regionLeft ?? (async () => undefined),
      onRegionKept: options.regionKept ?? (async () => undefined),
      log,
    }),
    signOut: new SignOut({ tokens, sessions, oauth, log }),
    me: new Me({ people, region, settingsOf: options.settingsOf, connectionsOf: options.connectionsOf }),
    problemOf: options.problemOf,
    log,
  });
  return {
    sessions,
    people,
    oauth,
    revocations,
    repKeys: new RepKeys(models.users, vault.dataKeys),
    signIns: models.signIns,
    onSessionsEnded: (listener) => revocations.onEnded(listener),
    close: async () => {
      revocations.close();
      sessions.close();
      await oauth.close();
    },
  };
}
