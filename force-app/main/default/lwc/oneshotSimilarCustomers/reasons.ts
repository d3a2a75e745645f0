import { fill } from 'c/oneshotFormat';
import alsoIn from '@salesforce/label/c.Also_In';
import andMore from '@salesforce/label/c.And_More';
import bothUse from '@salesforce/label/c.Both_Use';
import sameIndustry from '@salesforce/label/c.Same_Industry';
import similarSize from '@salesforce/label/c.Similar_Size';
import type { Match } from './matches';

/** A reason in the user's language; the backend's own English words where there are no better ones. */
export function reasonText({ code, text }: Match['reasons'][number], { account }: Match): string {
  if (code === 'industry' && account.industry !== null) return fill(sameIndustry, account.industry);
  if (code === 'country' && account.country !== null) return fill(alsoIn, account.country);
  if (code === 'size') return similarSize;
  const used = code === 'products' ? /^both use (.+)$/.exec(text)?.[1] : undefined;
  if (used === undefined) return text;
  const [, named, more] = /^(.+) and (\d+) more$/.exec(used) ?? [];
  return fill(bothUse, named !== undefined && more !== undefined ? fill(andMore, named, more) : used);
}
