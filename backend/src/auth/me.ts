import type { ConnectionView } from '../connections/view.ts';
import { CrmFieldHidden, CrmInvalid, CrmLimitReached, CrmObjectHidden, CrmUnavailable } from '../salesforce/errors.ts';
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
  /** False only where no admin saved settings and Salesforce says that this rep has no default paying field. */
  readonly setUp: boolean;
  readonly connections: readonly ConnectionView[];
  readonly expiresAt: string;
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
  /** The rep's connections as they are stored; the customer's half is not waited for. */
  readonly connectionsOf: (rep: Rep) => Promise<readonly ConnectionView[]>;
}

/** Who is signed in, and what their admin decided that the component must know. */
export class Me {
  readonly #parts: MeParts;

  constructor(parts: MeParts) {
    this.#parts = parts;
  }

  /** @throws SessionEnded the user was erased meanwhile; CrmSessionExpired and what else a sign-in or an admin mends */
  async of({ rep, name }: OpenSession, signal: AbortSignal): Promise<MeAnswer> {
    const { people, region, settingsOf, connectionsOf } = this.#parts;
    const [contact, { settings, isSaved }, connections] = await Promise.all([
      people.contactOf(rep.orgId, rep.userId),
      settingsOf(rep.orgId),
      connectionsOf(rep),
    ]);
    if (contact === undefined) throw new SessionEnded();
    const { sessionMinutes, cache, channels, logSendsToSalesforce } = settings;
    return {
      user: { id: rep.userId, name, email: contact.email, isAdmin: rep.isAdmin },
      org: { id: rep.orgId, region },
      settings: { sessionMinutes, cache, channels, logSendsToSalesforce },
      setUp: isSaved || !(await lacksField(rep, settings.payingField, signal)),
      connections,
      expiresAt: new Date(rep.expiresAt).toISOString(),
    };
  }
}

/** What is waited for Salesforce here: a page that shows a list from memory must not wait for more. */
const LOOK_MS = 3_000;

/**
 * Asked live and only while nothing was saved: an org that has the default field needs no admin to begin (DESIGN 5). A
 * Salesforce that does not answer says nothing about the org, and the list's own answer tells of it.
 */
async function lacksField(rep: Rep, payingField: string, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.timeout(LOOK_MS);
  try {
    const query = soql`SELECT ${fields(['Id', payingField])} FROM ${field('Account')} LIMIT ${number(1)}`;
    await rep.crm.queryAll(query, AbortSignal.any([signal, patience]));
    return false;
  } catch (error) {
    if (error instanceof CrmFieldHidden || error instanceof CrmObjectHidden) return true;
    signal.throwIfAborted();
    const isAway = [CrmUnavailable, CrmLimitReached, CrmInvalid].some((kind) => error instanceof kind);
    if (isAway || patience.aborted) return false;
    throw error;
  }
}
