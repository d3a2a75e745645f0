import type { OrgSettings } from '../settings/settings.ts';
import { canCountPaying, countPaying } from '../settings/fields.ts';
import type { Region } from '../regions.ts';
import type { CrmConnection, CrmRecord, SObjectDescribe } from '../salesforce/connection.ts';
import { field, fields, number, soql, text } from '../salesforce/soql.ts';
import { fieldPage, setupPage, type Finding } from './findings.ts';
import { look, NotSeen, textIn } from './looks.ts';
import { countAssigned, type OwnPermissionSet } from './reps.ts';

/** What the checks of the org ask with. */
export interface OrgChecks {
  readonly crm: CrmConnection;
  readonly signal: AbortSignal;
}

export async function checkTrustedUrl({ crm, signal }: OrgChecks, here: Region): Promise<Finding> {
  const { backendUrl } = here;
  const path = setupPage('SecurityCspTrustedSite');
  const found = await look(() =>
    crm.queryAll(
      soql`SELECT EndpointUrl, Context, IsActive, IsApplicableToConnectSrc FROM CspTrustedSite WHERE EndpointUrl = ${text(backendUrl)}`,
      signal,
    ),
  );
  if (found instanceof NotSeen) return { id: 'trusted_url', state: 'unknown', seen: [found.sentence], path };
  const isRight = (site: CrmRecord): boolean => failing(site) === undefined;
  const sentence = found.some(isRight) ? undefined : found[0] === undefined ? 'url_missing' : failing(found[0]);
  if (sentence === undefined) return { id: 'trusted_url', state: 'ok', seen: ['url_active', backendUrl], path };
  return { id: 'trusted_url', state: 'todo', seen: [sentence, backendUrl], steps: [['url_step', backendUrl]], path };
}

function failing(site: CrmRecord): string | undefined {
  if (site.IsActive !== true) return 'url_inactive';
  if (site.IsApplicableToConnectSrc !== true) return 'url_connect';
  return ['All', 'LEX'].includes(textIn(site, 'Context')) ? undefined : 'url_context';
}

/**
 * @param others who must have it in another way, a permission set group: how many, and whether that is certain
 */
export async function checkAssigned(
  { crm, signal }: OrgChecks,
  set: OwnPermissionSet,
  others: { readonly count: number; readonly isCertain: boolean },
): Promise<Finding> {
  const id = set === 'OneShot_Rep' ? 'rep_permission_set' : 'admin_permission_set';
  const path = setupPage('PermSets');
  const count = await look(() => countAssigned(crm, set, signal));
  if (count instanceof NotSeen) return { id, state: 'unknown', seen: [count.sentence], path };
  if (count > 0) return { id, state: 'ok', seen: count === 1 ? ['set_one'] : ['set_assigned', count], path };
  const steps = [['set_open', set.replace('_', ' ')], ['set_choose']] as const;
  if (others.count === 0) return { id, state: 'todo', seen: ['set_nobody'], steps, path };
  if (others.isCertain) return { id, state: 'ok', seen: ['set_yours'], path };
  return { id, state: 'unknown', seen: ['set_by_group', others.count], steps, path };
}

export async function checkHomeRegion(
  { crm, signal }: OrgChecks,
  here: Region,
  regions: readonly Region[],
): Promise<Finding> {
  const object = crm.packaged('OneShotOrg__c');
  const region = crm.packaged('HomeRegion__c');
  const path = `/lightning/o/${object}/list`;
  const found = await look(() =>
    crm.queryAll(soql`SELECT ${fields(['Id', region])} FROM ${field(object)} LIMIT ${number(2)}`, signal),
  );
  const finding = (
    state: Finding['state'],
    seen: Finding['seen'],
    ...steps: NonNullable<Finding['steps']>
  ): Finding => ({
    id: 'home_region',
    state,
    seen,
    steps,
    path,
  });
  if (found instanceof NotSeen) return finding('unknown', [found.sentence]);
  const [first, second] = found;
  if (first === undefined) return finding('todo', ['region_missing'], ['region_save']);
  if (second !== undefined) return finding('todo', ['region_two'], ['region_fix', here.name]);
  const named = regions.find(({ name }) => name === textIn(first, region));
  if (named === undefined) return finding('todo', ['region_invalid'], ['region_fix', here.name]);
  if (named.name !== here.name)
    return finding('todo', ['region_other', named.label, here.label], ['region_go', named.label]);
  return finding('ok', ['region_recorded', here.label]);
}

export async function checkPayingField(
  { crm, signal }: OrgChecks,
  account: SObjectDescribe | NotSeen,
  { payingField }: Pick<OrgSettings, 'payingField'>,
): Promise<Finding> {
  const path = fieldPage('Account');
  const steps = [['field_choose', payingField], ['field_formula']] as const;
  const finding = (state: Finding['state'], ...seen: Finding['seen']): Finding => ({
    id: 'paying_field',
    state,
    seen,
    ...(state === 'todo' ? { steps } : {}),
    path,
  });
  if (account instanceof NotSeen) return finding('unknown', account.sentence);
  const described = account.fields.get(payingField);
  if (described === undefined) return finding('todo', 'field_gone', payingField);
  if (!canCountPaying(described)) return finding('todo', 'field_unfit', payingField);
  const count = await look(() => countPaying(crm, payingField, signal));
  if (count instanceof NotSeen) return finding('unknown', count.sentence);
  return finding('ok', 'field_fine', payingField, count);
}
