import type { PullSettings } from '@oneshot/backend/dist/accounts/account-fields.js';
import { AccountList } from '@oneshot/backend/dist/accounts/list/account-list.js';
import type { RowStore } from '@oneshot/backend/dist/accounts/list/row-store.js';
import { pullAccounts } from '@oneshot/backend/dist/accounts/pull.js';
import type { CrmConnection, FieldDescribe } from '@oneshot/backend/dist/salesforce/connection.js';
import { JsonBytes } from '@oneshot/backend/dist/salesforce/json-bytes.js';
import { ACCOUNT_FIELDS, type SalesforceRecord } from './records.ts';

const PAGE = 2_000;
const settings: PullSettings = {
  payingField: 'ActiveARR__c',
  products: { source: 'accountField', field: 'Products__c' },
  cache: { enabled: true, minutes: 60 },
  isSaved: true,
};

/** What stands before the records of a page. */
const BEFORE = '{"records":';

/** A list of these records, made by the product's own pull without a network. */
export async function listOf(store: RowStore, records: readonly SalesforceRecord[]): Promise<AccountList> {
  const fields = new Map(ACCOUNT_FIELDS.map((name) => [name, { name, type: 'double' } as FieldDescribe]));
  const crm: Partial<CrmConnection> = {
    describe: () => Promise.resolve({ name: 'Account', fields }),
    async *queryBytes() {
      for (let from = 0; from < records.length; from += PAGE) {
        const json = JSON.stringify(records.slice(from, from + PAGE));
        const page = await Promise.resolve(Buffer.from(`${BEFORE}${json}}`));
        yield {
          records: new JsonBytes(page, BEFORE.length),
          totalSize: records.length,
          isLast: from + PAGE >= records.length,
        };
      }
    },
  };
  const list = new AccountList(store);
  const parts = { salesforceUserId: '', settings, lastFields: undefined, list, onProgress: () => undefined };
  await pullAccounts({ crm: crm as CrmConnection, ...parts }, new AbortController().signal);
  return list;
}
