import type { Rep } from '../../auth/rep.ts';
import type { AccountRow } from '../account.ts';
import type { Freshness } from '../freshness.ts';
import { PullEnded } from '../list-pull.ts';
import type { PayingAccounts } from '../paying-accounts.ts';
import { groupNames } from './group-names.ts';
import { likeness, paysOf, type Reason } from './reasons.ts';
import type { AccountList } from '../list/account-list.ts';
import { bestMatches } from '../list/similar-rows.ts';
import { readCompanies, readTarget } from './target.ts';

export interface SimilarAccount {
  readonly account: AccountRow;
  /** 0 to 1. */
  readonly score: number;
  readonly reasons: readonly Reason[];
}

export interface SimilarAccounts {
  readonly rows: readonly SimilarAccount[];
  readonly freshness: Freshness;
}

/** Of so many rows the rest is read live; one query. */
const CANDIDATES = 200;

/**
 * The rep's paying customers that are most like an account: the list in memory gives candidates, whose headcount and
 * parent are read live, as the rep, and dropped. The account itself and what shares nothing with it are left out.
 * @param limit rows at most
 * @throws CrmNotFound the account does not exist, or the rep may not see it; what `PayingAccounts.withList` throws
 */
export async function similarAccounts(
  accounts: PayingAccounts,
  rep: Rep,
  id: string,
  limit: number,
  signal: AbortSignal,
): Promise<SimilarAccounts> {
  const target = await readTarget(rep, id, await accounts.readWith(rep), signal);
  const { industry, country, products, name } = target.row;
  const wanted = {
    ...{ id, industry, country, products },
    pays: paysOf(target.row),
    relatives: target.relatives,
    groupNames: groupNames([target.parentName, name]),
  };
  return accounts.withList(rep, { signal: () => signal }, async ({ list, freshness }) => {
    const candidates = await bestMatches(list, wanted, CANDIDATES);
    assertHeld(list);
    const rows = candidates.map(({ slot }) => list.row(slot));
    const companies = await readCompanies(
      rep,
      rows.map((row) => row.id),
      target.visible,
      signal,
    );
    assertHeld(list);
    const found = rows.map((account) => ({ account, ...likeness(target, account, companies.get(account.id)) }));
    return {
      rows: found
        .filter(({ score }) => score > 0)
        .sort(compare)
        .slice(0, limit),
      freshness,
    };
  });
}

/** To be called after each pause. @throws PullEnded */
function assertHeld(list: AccountList): void {
  if (list.isErased) throw new PullEnded();
}

/** Best first, then the larger customer, then by id. */
function compare(a: SimilarAccount, b: SimilarAccount): number {
  return (
    b.score - a.score || (paysOf(b.account) ?? 0) - (paysOf(a.account) ?? 0) || (a.account.id < b.account.id ? -1 : 1)
  );
}
