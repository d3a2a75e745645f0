import type { CrmConnection, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmObjectHidden } from '../salesforce/errors.ts';
import { ids, soql } from '../salesforce/soql.ts';
import { accountFields, withHiddenCurrency, type AccountFields, type PullSettings } from './account-fields.ts';
import { isHidden } from './products.ts';

/**
 * What can be asked for, in one currency or several. A `CurrencyIsoCode` that field-level security hides looks in
 * describe as in an org with one currency: only then, and only where the paying field is money, one more call tells.
 * @param several what that call says, where it is under way already
 * @throws as `accountFields`; the Crm errors
 */
export async function accountFieldsIn(
  crm: CrmConnection,
  describe: SObjectDescribe,
  settings: PullSettings,
  signal: AbortSignal,
  several?: Promise<boolean>,
): Promise<AccountFields> {
  const plan = accountFields(describe, settings);
  if (plan.hasCurrency || !plan.isMoney) return plan;
  return (await (several ?? hasSeveralCurrencies(crm, signal))) ? withHiddenCurrency(plan) : plan;
}

/**
 * Whether the org has several currencies. CurrencyType is not there in an org with one (Object Reference, CurrencyType),
 * and no permission hides it in the others.
 */
export async function hasSeveralCurrencies(crm: CrmConnection, signal: AbortSignal): Promise<boolean> {
  try {
    await crm.queryAll(soql`SELECT Id FROM CurrencyType LIMIT 1`, signal);
    return true;
  } catch (error) {
    if (error instanceof CrmObjectHidden) return false;
    throw error;
  }
}

/** The rep's own currency, which `convertCurrency` converts to; null where it cannot be read. */
export async function ownCurrency(crm: CrmConnection, userId: string, signal: AbortSignal): Promise<string | null> {
  try {
    const [user] = await crm.queryAll(
      soql`SELECT DefaultCurrencyIsoCode FROM User WHERE Id IN ${ids([userId])}`,
      signal,
    );
    const code: unknown = user?.DefaultCurrencyIsoCode;
    return typeof code === 'string' ? code : null;
  } catch (error) {
    if (isHidden(error)) return null;
    throw error;
  }
}
