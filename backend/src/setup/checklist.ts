import type { People } from '../auth/people.ts';
import type { Rep } from '../auth/rep.ts';
import type { SalesforceOAuth } from '../auth/salesforce-oauth.ts';
import type { Region } from '../regions.ts';
import type { Secret } from '../vault/secret.ts';
import type { HiddenField } from '../settings/hidden-field.ts';
import type { StoredSettings } from '../settings/store.ts';
import { setupPage, type Finding } from './findings.ts';
import { look, NotSeen } from './looks.ts';
import { checkAssigned, checkHomeRegion, checkPayingField, checkTrustedUrl } from './org-checks.ts';
import { checkKeyObject, checkRepConsent, checkRepPayingField, checkRepProducts } from './rep-checks.ts';
import { findReps, findUser, type ChosenRep } from './reps.ts';

export interface ChecklistParts {
  readonly people: People;
  readonly oauth: SalesforceOAuth;
  readonly here: Region;
  readonly regions: readonly Region[];
  readonly settingsOf: (orgId: string) => Promise<StoredSettings>;
  readonly hiddenFieldOf: (orgId: string) => Promise<HiddenField | undefined>;
}

/** Who looks, and at whom. */
export interface ChecklistRequest {
  readonly admin: Rep;
  /** Of the admin's session. */
  readonly grant: { readonly instanceUrl: string; readonly accessToken: Secret };
  /** Salesforce user id of the rep to look at; undefined: whose list stopped lately, else the first by name. */
  readonly repId: string | undefined;
}

/** The live checklist of an org: each row is looked up now, as the admin. Nothing is kept, nothing is guessed. */
export class Checklist {
  readonly #parts: ChecklistParts;

  constructor(parts: ChecklistParts) {
    this.#parts = parts;
  }

  /** @throws CrmSessionExpired; what the database throws; the signal's reason */
  async of({ admin, grant, repId }: ChecklistRequest, signal: AbortSignal): Promise<readonly Finding[]> {
    const { people, settingsOf, hiddenFieldOf, here, regions } = this.#parts;
    const { crm, orgId } = admin;
    const [stored, hidden, signedIn] = await Promise.all([
      settingsOf(orgId),
      hiddenFieldOf(orgId),
      people.countReps(orgId),
    ]);
    const told = hidden === undefined ? undefined : await people.salesforceIdOf(orgId, hidden.userId);
    const [rep, account] = await Promise.all([
      this.#choose(admin, repId ?? told, signal),
      look(() => crm.describe('Account', signal)),
    ]);
    const org = { crm, signal };
    const one = { crm, signal, rep, account };
    const isTold = rep !== undefined && !(rep instanceof NotSeen) && rep.id === told;
    return Promise.all([
      this.#checkInstalled(admin, grant, signal),
      Promise.resolve(checkApproved(signedIn)),
      checkTrustedUrl(org, here),
      checkAssigned(org, 'OneShot_Rep', { count: signedIn, isCertain: false }),
      checkAssigned(org, 'OneShot_Admin', { count: 1, isCertain: true }),
      checkKeyObject(one),
      checkHomeRegion(org, here, regions),
      checkPayingField(org, account, stored.settings),
      checkRepPayingField(one, stored.settings, isTold),
      checkRepProducts(one, stored.settings),
      checkRepConsent(one),
      Promise.resolve(checkSaved(stored, `/lightning/n/${crm.packaged('OneShot_Setup')}`)),
      Promise.resolve(COMPONENTS),
    ]);
  }

  /** Active people with the permission set, for the choice of whom to look at. @throws the Crm errors */
  reps({ crm }: Rep, search: string | undefined, signal: AbortSignal): Promise<readonly ChosenRep[]> {
    return findReps(crm, search, signal);
  }

  /** Rather not the admin themselves, who sees more than most. */
  #choose(
    { crm, salesforceUserId }: Rep,
    repId: string | undefined,
    signal: AbortSignal,
  ): Promise<ChosenRep | NotSeen | undefined> {
    return look(async () => {
      if (repId !== undefined) return findUser(crm, repId, signal);
      const reps = await findReps(crm, undefined, signal);
      return reps.find(({ id }) => id !== salesforceUserId) ?? reps[0];
    });
  }

  /** Asked at the identity service, which the sign-in asked too: its answer says whether the app is installed. */
  async #checkInstalled(
    admin: Rep,
    { instanceUrl, accessToken }: ChecklistRequest['grant'],
    signal: AbortSignal,
  ): Promise<Finding> {
    const path = setupPage('ImportedPackage');
    const identity = await look(() => this.#parts.oauth.identity(instanceUrl, accessToken, admin, signal));
    if (identity instanceof NotSeen) return { id: 'app_installed', state: 'unknown', seen: [identity.sentence], path };
    if (identity.isAppInstalled) return { id: 'app_installed', state: 'ok', seen: ['app_in'], path };
    return { id: 'app_installed', state: 'todo', seen: ['app_out'], steps: [['app_step_install']], path };
  }
}

/** Salesforce shows nobody whom an app is approved for: that a rep got in proves it. */
function checkApproved(signedIn: number): Finding {
  const path = setupPage('ManageExternalClientApplication');
  if (signedIn > 0) {
    const seen = signedIn === 1 ? (['approved_one'] as const) : (['approved', signedIn] as const);
    return { id: 'app_approved', state: 'ok', seen, path };
  }
  const steps = [['approve_open'], ['approve_policy'], ['approve_try']] as const;
  return { id: 'app_approved', state: 'unknown', seen: ['approved_nobody'], steps, path };
}

function checkSaved({ isSaved, version }: StoredSettings, path: string): Finding {
  if (isSaved) return { id: 'settings_saved', state: 'ok', seen: ['saved', version], path };
  return { id: 'settings_saved', state: 'todo', seen: ['saved_not'], steps: [['saved_step']], path };
}

const COMPONENTS: Finding = {
  id: 'components',
  state: 'unknown',
  seen: ['components_unknown'],
  steps: [['components_open'], ['components_drag'], ['components_bar']],
  path: setupPage('FlexiPageList'),
};
