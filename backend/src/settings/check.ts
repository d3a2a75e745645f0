import { Invalid } from '../http/problems.ts';
import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmObjectHidden } from '../salesforce/errors.ts';
import { isFieldName } from '../salesforce/soql.ts';
import { canCountPaying, canNameProducts } from './fields.ts';
import type { OrgSettings } from './settings.ts';

/** Where products come from when they are records of their own. */
const PRODUCT_OBJECT = { opportunityLines: 'OpportunityLineItem', assets: 'Asset' } as const;

/**
 * Holds settings against the admin's live Salesforce, after their shape was checked: fields that are no fields, or not
 * of the kind that is needed, objects and templates that are not there.
 * @throws Invalid the setting and the rule; the Crm errors of CrmConnection
 */
export async function checkAgainstCrm(settings: OrgSettings, crm: CrmConnection, signal: AbortSignal): Promise<void> {
  const { payingField, products, mailFooterTemplateId } = settings;
  assertFieldName('settings.payingField', payingField);
  if (products.source === 'accountField') {
    if (products.field === undefined) throw new Invalid('settings.products.field', 'required');
    assertFieldName('settings.products.field', products.field);
  } else if (products.field !== undefined) {
    throw new Invalid(
      'settings.products.field',
      'account_field_only',
      'Name a field only with the source accountField.',
    );
  }
  const account = await crm.describe('Account', signal);
  if (!canCountPaying(account.fields.get(payingField))) {
    throw new Invalid(
      'settings.payingField',
      'filterable_number',
      'The paying field must be a number, currency, percent or a formula of these on Account that you can see and filter by.',
    );
  }
  if (products.field !== undefined && !canNameProducts(account.fields.get(products.field))) {
    throw new Invalid(
      'settings.products.field',
      'filterable_text',
      'The product field must be a text or picklist field on Account that you can see and filter by.',
    );
  }
  if (products.source === 'opportunityLines' || products.source === 'assets')
    await assertReadable(PRODUCT_OBJECT[products.source], crm, signal);
  if (mailFooterTemplateId !== null) await assertTemplate(mailFooterTemplateId, crm, signal);
}

function assertFieldName(setting: string, name: string): void {
  if (!isFieldName(name))
    throw new Invalid(setting, 'field_name', 'Give the API name of a field, such as ActiveARR__c.');
}

async function assertReadable(object: string, crm: CrmConnection, signal: AbortSignal): Promise<void> {
  try {
    await crm.describe(object, signal);
  } catch (error) {
    if (!(error instanceof CrmObjectHidden) && !isNotFound(error)) throw error;
    throw new Invalid('settings.products.source', 'readable', `You cannot read ${object} in your Salesforce.`);
  }
}

async function assertTemplate(id: string, crm: CrmConnection, signal: AbortSignal): Promise<void> {
  if ((await crm.retrieve('EmailTemplate', id, ['Id'], signal)) === undefined)
    throw new Invalid('settings.mailFooterTemplateId', 'exists', 'Your Salesforce has no such email template.');
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'problem' in error && (error.problem as { status: number }).status === 404;
