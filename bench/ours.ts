import type { PullSettings } from '@oneshot/backend/dist/accounts/account-fields.js';
import { AccountList } from '@oneshot/backend/dist/accounts/list/account-list.js';
import { ErasableMemory } from '@oneshot/backend/dist/accounts/list/memory.js';
import { RowStore } from '@oneshot/backend/dist/accounts/list/row-store.js';
import { pullAccounts, type PullProgress } from '@oneshot/backend/dist/accounts/pull.js';
import { openCrmConnection } from '@oneshot/backend/dist/salesforce/connect.js';
import { CrmTransport } from '@oneshot/backend/dist/salesforce/transport.js';
import { Secret } from '@oneshot/backend/dist/vault/secret.js';

const transport = new CrmTransport();
const settings: PullSettings = {
  payingField: 'ActiveARR__c',
  products: { source: 'accountField', field: 'Products__c' },
  cache: { enabled: true, minutes: 60 },
  isSaved: true,
};

export const SORTS = ['arr', 'name', 'industry', 'country', 'modified'] as const;

/** The product's pull: the same list as a rep has in memory. */
export async function pull(
  url: string,
  options: { readonly store?: RowStore; readonly last?: PullProgress; readonly onPage?: () => void } = {},
): Promise<{ readonly list: AccountList; readonly progress: PullProgress }> {
  const list = new AccountList(options.store ?? new RowStore(new ErasableMemory()));
  const progress = await pullAccounts(
    {
      crm: openCrmConnection({ instanceUrl: url, accessToken: Secret.of('token') }, transport),
      salesforceUserId: '005000000000001AAA',
      settings,
      lastFields: options.last?.fields,
      list,
      onProgress: () => options.onPage?.(),
    },
    new AbortController().signal,
  );
  return { list, progress };
}

/** Makes all orders that a page can have. */
export async function sortAll(list: AccountList): Promise<void> {
  for (const sort of SORTS) {
    while (!list.isReady(sort, 'asc', false)) await list.prepare(sort, 'asc');
  }
}

/** Text of a first page, as the route sends it. */
export function firstPage(list: AccountList): Buffer {
  const query = { sort: 'arr', order: 'desc', offset: 0, limit: 50 } as const;
  if (!list.isReady('arr', 'desc', true)) throw new Error('Not ready');
  return list.page(query, (matched) => ({ before: `{"matched":${matched},"rows":`, after: '}' }));
}
