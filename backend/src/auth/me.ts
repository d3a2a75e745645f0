import { CrmFieldHidden, CrmObjectHidden } from '../salesforce/errors.ts';
import { field, fields, number, soql } from '../salesforce/soql.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { People } from './people.ts';
import { SessionEnded } from './problems.ts';
import type { Rep } from './rep.ts';
import type { OpenSession } from './sessions.ts';

/** The answer of `GET /v1/me` (API.md). */
export interface MeAnswer {
  readonly user: { readonly id: string; readonly name: string; readonly email: string; readonly isAdmin: boolean };
  readonly org: { readonly id: string; readonly region: string };
  readonly settings: Pick<OrgSettings, 'sessionMinutes' | 'cache' | 'channels' | 'logSendsToSalesforce'>;
  /** Whether the org is set up: its admin saved settings, or the default paying field is there. */
  readonly setUp: boolean;
  readonly connections: readonly NotConnected[];
  readonly expiresAt: string;
}

/** A Connection (API.md) that was never made. */
interface NotConnected {
  readonly provider: 'gmail' | 'outlook' | 'outreach';
  readonly status: 'not_connected';
  readonly reason: null;
  readonly label: null;
  readonly scopes: readonly never[];
  readonly since: null;
  readonly expiresAt: null;
  readonly action: null;
  readonly adminUrl: null;
}

/** An org's settings, and whether its admin ever saved any. */
export interface OrgSettingsState {
  readonly settings: OrgSettings;
  readonly isSaved: boolean;
}

export interface MeParts {
  readonly people: People;
  readonly region: string;
  readonly settingsOf: (orgId: string) => Promise<OrgSettingsState>;
}

/** Who is signed in, and what their admin decided that the component must know. */
export class Me {
  readonly #parts: MeParts;

  constructor(parts: MeParts) {
    this.#parts = parts;
  }

  /** @throws SessionEnded the user was erased meanwhile; the Crm errors while the org is not set up */
  async of({ rep, name }: OpenSession, signal: AbortSignal): Promise<MeAnswer> {
    const { people, region, settingsOf } = this.#parts;
    const [contact, { settings, isSaved }] = await Promise.all([
      people.contactOf(rep.orgId, rep.userId),
      settingsOf(rep.orgId),
    ]);
    if (contact === undefined) throw new SessionEnded();
    const { sessionMinutes, cache, channels, logSendsToSalesforce } = settings;
    return {
      user: { id: rep.userId, name, email: contact.email, isAdmin: rep.isAdmin },
      org: { id: rep.orgId, region },
      settings: { sessionMinutes, cache, channels, logSendsToSalesforce },
      setUp: isSaved || (await canSeeField(rep, settings.payingField, signal)),
      connections: (['gmail', 'outlook', 'outreach'] as const).map(notConnected),
      expiresAt: new Date(rep.expiresAt).toISOString(),
    };
  }
}

/** Asked live and only while nothing was saved: an org that has the default field needs no admin to begin (DESIGN 5). */
async function canSeeField(rep: Rep, payingField: string, signal: AbortSignal): Promise<boolean> {
  try {
    await rep.crm.queryAll(
      soql`SELECT ${fields(['Id', payingField])} FROM ${field('Account')} LIMIT ${number(1)}`,
      signal,
    );
    return true;
  } catch (error) {
    if (error instanceof CrmFieldHidden || error instanceof CrmObjectHidden) return false;
    throw error;
  }
}

function notConnected(provider: NotConnected['provider']): NotConnected {
  return {
    provider,
    status: 'not_connected',
    reason: null,
    label: null,
    scopes: [],
    since: null,
    expiresAt: null,
    action: null,
    adminUrl: null,
  };
}
