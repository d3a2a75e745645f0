import type { CrmConnection, SObjectDescribe } from '../salesforce/connection.ts';
import type { OrgSettings } from '../settings/settings.ts';
import { fieldPage, setupPage, type CheckId, type Finding } from './findings.ts';
import { look, NotSeen } from './looks.ts';
import { consentFields, hiddenFrom, nameOf, objectAccess } from './rep-access.ts';
import type { ChosenRep } from './reps.ts';

/** What the checks of one rep ask with; undefined: there is nobody to look at. */
export interface RepChecks {
  readonly crm: CrmConnection;
  readonly signal: AbortSignal;
  readonly rep: ChosenRep | NotSeen | undefined;
  /** As the admin sees it. */
  readonly account: SObjectDescribe | NotSeen;
}

/** @throws what kept the describe from being seen, for `look` to turn into a finding */
function fieldsOf(account: SObjectDescribe | NotSeen): SObjectDescribe['fields'] {
  if (account instanceof NotSeen) throw account.problem;
  return account.fields;
}

type Checked = (rep: ChosenRep) => Promise<Omit<Finding, 'id' | 'path'>>;

/** The shared beginning and end of each check: somebody to look at, and what cannot be looked up. */
async function checked(id: CheckId, path: string, { rep }: RepChecks, check: Checked): Promise<Finding> {
  if (rep === undefined) return { id, path, state: 'unknown', seen: ['no_rep'] };
  const found = rep instanceof NotSeen ? rep : await look(() => check(rep));
  if (found instanceof NotSeen) return { id, path, state: 'unknown', seen: [found.sentence] };
  return { id, path, ...found };
}

/** Where to make a field visible, click by click. */
function steps(object: string, fieldName: string, rep: ChosenRep, isStandard: boolean): NonNullable<Finding['steps']> {
  return [
    ['rep_step_field', object, fieldName],
    ['rep_step_tick', rep.name],
    ...(isStandard ? [['rep_step_package'] as const] : []),
  ];
}

/** @param wasToldLately whether this rep's own list stopped at the field */
export function checkRepPayingField(
  checks: RepChecks,
  { payingField }: Pick<OrgSettings, 'payingField'>,
  wasToldLately: boolean,
): Promise<Finding> {
  const { crm, signal } = checks;
  return checked('rep_paying_field', fieldPage('Account'), checks, async (rep) => {
    const field = fieldsOf(checks.account).get(payingField);
    if (field === undefined)
      return { state: 'todo', seen: ['field_gone', payingField], steps: [['field_choose', payingField]] };
    if (!field.permissionable) return { state: 'ok', seen: ['rep_open', rep.name, payingField] };
    const hidden = await hiddenFrom(crm, rep, [{ object: 'Account', field }], signal);
    if (hidden.length === 0) return { state: 'ok', seen: ['rep_sees', rep.name, payingField] };
    return {
      state: 'todo',
      seen: [wasToldLately ? 'rep_sees_not_lately' : 'rep_sees_not', rep.name, payingField],
      steps: steps('Account', payingField, rep, !field.custom),
    };
  });
}

export function checkRepProducts(checks: RepChecks, { products }: Pick<OrgSettings, 'products'>): Promise<Finding> {
  const { crm, signal } = checks;
  const path = fieldPage('Account');
  const { source, field: name } = products;
  if (source === 'none') return Promise.resolve({ id: 'rep_products', path, state: 'ok', seen: ['products_none'] });
  return checked('rep_products', path, checks, async (rep) => {
    if (source !== 'accountField') {
      const object = source === 'assets' ? 'Asset' : 'OpportunityLineItem';
      const { canRead } = await objectAccess(crm, rep, object, signal);
      if (canRead) return { state: 'ok', seen: ['products_object', rep.name, object] };
      return { state: 'todo', seen: ['products_object_not', rep.name, object], steps: [['products_step', object]] };
    }
    const field = fieldsOf(checks.account).get(name ?? '');
    if (field === undefined)
      return { state: 'todo', seen: ['field_gone', name ?? ''], steps: [['field_choose', name ?? '']] };
    const hidden = await hiddenFrom(crm, rep, [{ object: 'Account', field }], signal);
    if (hidden.length === 0) return { state: 'ok', seen: ['rep_sees', rep.name, field.name] };
    return {
      state: 'todo',
      seen: ['rep_sees_not', rep.name, field.name],
      steps: steps('Account', field.name, rep, !field.custom),
    };
  });
}

export function checkRepConsent(checks: RepChecks): Promise<Finding> {
  const { crm, signal } = checks;
  return checked('rep_consent_fields', fieldPage('Contact'), checks, async (rep) => {
    const wanted = await consentFields(crm, signal);
    if (wanted.length === 0) return { state: 'ok', seen: ['consent_none'] };
    const hidden = await hiddenFrom(crm, rep, wanted, signal);
    if (hidden.length === 0) return { state: 'ok', seen: ['consent_sees', rep.name, wanted.length] };
    return {
      state: 'todo',
      seen: ['consent_hidden', rep.name, hidden.map(nameOf).join(', ')],
      steps: [
        ...hidden.map(({ object, field }) => ['rep_step_field', object, field.name] as const),
        ['rep_step_tick', rep.name],
        ['rep_step_package'],
      ],
    };
  });
}

/**
 * The object whose records hold the customer's halves of the keys (DESIGN 6). An admin need not see it: what counts is
 * that a rep may make a record of it.
 */
export function checkKeyObject(checks: RepChecks): Promise<Finding> {
  const { crm, signal } = checks;
  const object = crm.packaged('OneShotKey__c');
  return checked('key_object', setupPage('PermSets'), checks, async (rep) => {
    const { canRead, canCreate } = await objectAccess(crm, rep, object, signal);
    if (canRead && canCreate) return { state: 'ok', seen: ['key_rep', object, rep.name] };
    return { state: 'todo', seen: ['key_hidden', rep.name, object], steps: [['key_step']] };
  });
}
