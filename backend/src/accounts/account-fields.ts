import type { CrmRecord, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmFieldHidden, CrmInvalid } from '../salesforce/errors.ts';
import { convertedCurrency, field, fields, ids, number, soql, type Soql, type SoqlPart } from '../salesforce/soql.ts';
import type { Wanted } from '../salesforce/json-bytes.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { AccountRow } from './account.ts';
import { FIELD } from './list/record-fields.ts';
import { SetupMissing } from './problems.ts';
import { amountOf, productNames, textOf, timeOf } from './values.ts';

/** The settings that decide what is pulled. */
export interface PullSettings extends Pick<OrgSettings, 'payingField' | 'products' | 'cache'> {
  /** Whether the org's admin ever saved settings. */
  readonly isSaved: boolean;
}

/** What this rep's describe lets a query ask for. Names of fields only. */
export interface AccountFields {
  readonly payingField: string;
  /** Fields of Row that the rep may see, by API name. */
  readonly visible: ReadonlySet<string>;
  /** Fields that rows would have, but the rep may not see. */
  readonly hidden: readonly string[];
  /** The field with the products, where it is visible. */
  readonly productsField: string | undefined;
  /** Whether the paying field is money, and not a plain number. */
  readonly isMoney: boolean;
  /** Whether records say what currency they are in: only in an org with several, and where the rep may see it. */
  readonly hasCurrency: boolean;
  /** Whether amounts come converted: `convertCurrency` takes currency fields only, in an org with several currencies. */
  readonly isConverted: boolean;
  /** Whether owners come with their names. */
  readonly hasOwnerName: boolean;
}

const OWNER_NAME = 'Owner.Name';
const CURRENCY = 'CurrencyIsoCode';

/** Fields that each org has and each row shows; Id and Name cannot be hidden. */
const SHOWN = ['Industry', 'BillingCountry', 'BillingCity', 'Website', 'OwnerId', 'LastModifiedDate'] as const;

/** Alias of the converted amount in the query. */
const CONVERTED = 'arrConverted';

/**
 * What can be asked for.
 * @throws CrmFieldHidden the rep may not see the paying field
 * @throws SetupMissing nobody saved settings, and the default field is not there
 */
export function accountFields(describe: SObjectDescribe, settings: PullSettings): AccountFields {
  const { payingField, products, isSaved } = settings;
  const paying = describe.fields.get(payingField);
  if (paying === undefined) throw isSaved ? new CrmFieldHidden(payingField) : new SetupMissing(payingField);
  const productsField = products.source === 'accountField' ? products.field : undefined;
  const wanted = productsField === undefined ? SHOWN : [...SHOWN, productsField];
  const hasCurrency = describe.fields.has(CURRENCY);
  const isMoney = paying.type === 'currency';
  return {
    payingField,
    visible: new Set(wanted.filter((name) => describe.fields.has(name))),
    hidden: wanted.filter((name) => !describe.fields.has(name)),
    productsField: productsField !== undefined && describe.fields.has(productsField) ? productsField : undefined,
    isMoney,
    hasCurrency,
    isConverted: hasCurrency && isMoney,
    hasOwnerName: describe.fields.has('OwnerId'),
  };
}

/**
 * The same without the names of owners. Whether the rep may see the names of users is not in Account's describe: it is
 * known only once Salesforce refused the query.
 */
export function withoutOwnerName(plan: AccountFields): AccountFields {
  return { ...plan, hasOwnerName: false, hidden: [...plan.hidden, OWNER_NAME] };
}

/**
 * The same in an org with several currencies whose rep may not see which one an account is in: its amount is a number
 * without a currency, and what Salesforce converts to the rep's own is money.
 */
export function withHiddenCurrency(plan: AccountFields): AccountFields {
  return { ...plan, isConverted: plan.isMoney, hidden: [...plan.hidden, CURRENCY] };
}

/** Whether this refusal of a query of `plan` can be one of the owners' names. */
export function isOwnerNameHidden(error: unknown, plan: AccountFields): boolean {
  if (!plan.hasOwnerName || !(error instanceof CrmFieldHidden)) return false;
  const { field: name } = error.problem;
  return name === undefined || name === 'Name' || name === OWNER_NAME;
}

/** All accounts that pay, largest first. Salesforce compares converted amounts where an org has several currencies. */
export function payingAccountsQuery(plan: AccountFields): Soql {
  const columns = fields(columnsOf(plan));
  const paying = field(plan.payingField);
  return plan.isConverted
    ? soql`SELECT ${columns}, ${converted(plan)} FROM Account WHERE ${paying} > ${number(0)} ORDER BY ${paying} DESC, Id`
    : soql`SELECT ${columns} FROM Account WHERE ${paying} > ${number(0)} ORDER BY ${paying} DESC, Id`;
}

/** One account, whether it pays or not, with `LastActivityDate` where the rep may see it. */
export function accountQuery(plan: AccountFields, id: string, more: readonly string[]): Soql {
  const columns = fields([...columnsOf(plan), ...more]);
  return plan.isConverted
    ? soql`SELECT ${columns}, ${converted(plan)} FROM Account WHERE Id IN ${ids([id])}`
    : soql`SELECT ${columns} FROM Account WHERE Id IN ${ids([id])}`;
}

/** How many accounts pay now. */
export function payingAccountsCount({ payingField }: AccountFields): Soql {
  return soql`SELECT COUNT() FROM Account WHERE ${field(payingField)} > ${number(0)}`;
}

function columnsOf(plan: AccountFields): readonly string[] {
  const names = new Set(['Id', 'Name', plan.payingField, ...plan.visible]);
  if (plan.hasOwnerName) names.add(OWNER_NAME);
  if (plan.hasCurrency) names.add(CURRENCY);
  return [...names];
}

function converted(plan: AccountFields): SoqlPart {
  return convertedCurrency(plan.payingField, CONVERTED);
}

/** Which values of a record RowWriter takes, and where it expects them. */
export function wantedOf(plan: AccountFields): Wanted {
  return new Map<string, number | Wanted>([
    ['Id', FIELD.id],
    ['Name', FIELD.name],
    [CURRENCY, FIELD.currency],
    [CONVERTED, FIELD.arrConverted],
    ['Industry', FIELD.industry],
    ['BillingCountry', FIELD.country],
    ['BillingCity', FIELD.city],
    ['Website', FIELD.website],
    ['OwnerId', FIELD.ownerId],
    ['Owner', new Map([['Name', FIELD.ownerName]])],
    ['LastModifiedDate', FIELD.modifiedAt],
    ...(plan.productsField === undefined ? [] : [[plan.productsField, FIELD.products] as const]),
    [plan.payingField, FIELD.arr],
  ]);
}

/**
 * A single record of such a query as a row.
 * @param ownCurrency the currency that amounts are converted to
 * @throws CrmInvalid when it has no id
 */
export function rowOf(record: CrmRecord, plan: AccountFields, ownCurrency: string | null): AccountRow {
  const { payingField, productsField, isConverted, hasCurrency } = plan;
  const id = record.Id;
  if (typeof id !== 'string' || !/^[A-Za-z0-9]{18}$/.test(id)) throw new CrmInvalid();
  const owner = record.Owner as CrmRecord | null | undefined;
  const arrConverted = isConverted ? amountOf(record[CONVERTED]) : null;
  return {
    id,
    name: textOf(record.Name),
    arr: amountOf(record[payingField]),
    currency: hasCurrency ? textOf(record[CURRENCY]) : null,
    arrConverted,
    convertedCurrency: arrConverted === null ? null : ownCurrency,
    industry: textOf(record.Industry),
    country: textOf(record.BillingCountry),
    city: textOf(record.BillingCity),
    website: textOf(record.Website),
    owner: { id: textOf(record.OwnerId), name: textOf(owner?.Name) },
    products: productsField === undefined ? [] : productNames(record[productsField]),
    modifiedAt: timeOf(record.LastModifiedDate),
  };
}
