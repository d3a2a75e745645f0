import type { SimilarCustomer } from 'c/oneshotApi';
import { fill, formatNames } from 'c/oneshotFormat';
import alsoIn from '@salesforce/label/c.Also_In';
import andMore from '@salesforce/label/c.And_More';
import bothUse from '@salesforce/label/c.Both_Use';
import groupByName from '@salesforce/label/c.Same_Group_By_Name';
import parentCompany from '@salesforce/label/c.Parent_Company';
import sameGroup from '@salesforce/label/c.Same_Group';
import sameGroupNamed from '@salesforce/label/c.Same_Group_Named';
import sameIndustry from '@salesforce/label/c.Same_Industry';
import similarSize from '@salesforce/label/c.Similar_Size';
import subsidiary from '@salesforce/label/c.Subsidiary';

type Reason = SimilarCustomer['reasons'][number];

/** What belongs together has one code and several sentences: these are the backend's, in English. */
const groups = new Map(
  Object.entries({
    'its parent company': parentCompany,
    'its subsidiary': subsidiary,
    'of the same group': sameGroup,
    'by its name of the same group': groupByName,
  }),
);

/** Why a customer is like an account, in the user's language. What the backend adds later stays in its English words. */
export function reasonText({ code, text }: Reason, { account }: Pick<SimilarCustomer, 'account'>): string {
  if (code === 'parent') return groupText(text);
  if (code === 'industry' && account.industry !== null) return fill(sameIndustry, account.industry);
  if (code === 'country' && account.country !== null) return fill(alsoIn, account.country);
  if (code === 'size') return similarSize;
  const used = code === 'products' ? /^both use (.+)$/s.exec(text)?.[1] : undefined;
  return used === undefined ? text : fill(bothUse, productsText(used, account.products ?? []));
}

function groupText(text: string): string {
  const parent = /^of the same group: (.+)$/s.exec(text)?.[1];
  return parent === undefined ? (groups.get(text) ?? text) : fill(sameGroupNamed, parent);
}

/** "A, B and C" or "A, B, C and 2 more", as the user's language lists things. */
function productsText(used: string, products: readonly string[]): string {
  const [, named, more] = /^(.+) and (\d+) more$/s.exec(used) ?? [];
  const all = namedIn(used, products);
  if (all !== undefined) return formatNames(all);
  return named !== undefined && more !== undefined ? fill(andMore, named, more) : used;
}

/** The products that an English list names; undefined where it names another one. A name may hold the word "and". */
function namedIn(list: string, products: readonly string[]): string[] | undefined {
  if (list === '') return [];
  for (const product of products) {
    if (!list.startsWith(product)) continue;
    const rest = list.slice(product.length);
    const after = rest.replace(/^(?:, | and )/, '');
    if (rest !== '' && after === rest) continue;
    const others = namedIn(after, products);
    if (others) return [product, ...others];
  }
  return undefined;
}
