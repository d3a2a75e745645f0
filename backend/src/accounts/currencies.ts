import type { CrmConnection, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmObjectHidden } from '../salesforce/errors.ts';
import { ids, soql } from '../salesforce/soql.ts';
import { accountFields, withHiddenCurrency, type AccountFields, type PullSettings } from './account-fields.ts';
import { isHidden } from './products.ts';

/** What decides how accounts are read for a rep. */
export interface ReadWith {
  readonly settings: PullSettings;
  /** What this rep could see when their list was last pulled, if known: names of fields only. It can be wrong by now. */
  readonly lastFields: AccountFields | undefined;
}

/**
 * Reads what can be asked for, in one currency or several. A `CurrencyIsoCode` that field-level security hides looks in
 * describe as in an org with one currency: only then, and only where the paying field is money, one more call tells. It is
 * made beside describe, so that nobody waits for it longer, unless it is known that describe names the currency.
 * @throws as `accountFields`; the Crm errors
 */
export async function describeAccounts(
  crm: CrmConnection,
  { settings, lastFields }: ReadWith,
  signal: AbortSignal,
): Promise<{ readonly describe: SObjectDescribe; readonly fields: AccountFields }> {
  const isNamed = lastFields !== undefined && (lastFields.hasCurrency || !lastFields.isMoney);
  const several = isNamed ? undefined : hasSeveralCurrencies(crm, signal);
  several?.catch(() => undefined); // met where it is needed
  const describe = await crm.describe('Account', signal);
  const fields = accountFields(describe, settings);
  if (fields.hasCurrency || !fields.isMoney) return { describe, fields };
  const areSeveral = await (several ?? hasSeveralCurrencies(crm, signal));
  return { describe, fields: areSeveral ? withHiddenCurrency(fields) : fields };
}

/**
 * Whether the org has several currencies. CurrencyType is not there in an org with one (Object Reference, CurrencyType),
 * and no permission hides it in the others.
 */
async function hasSeveralCurrencies(crm: CrmConnection, signal: AbortSignal): Promise<boolean> {
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
