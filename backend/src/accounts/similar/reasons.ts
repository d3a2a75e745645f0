import { fold } from '../list/fold.ts';
import type { AccountRow } from '../account.ts';
import { groupNames } from './group-names.ts';
import type { Company, Target } from './target.ts';
import { overlap, SIMILAR_SIZE, sizeLikeness, WEIGHTS, withGroup } from './weights.ts';

/** Something that two accounts share, as a rep can say it aloud; never an amount. */
export interface Reason {
  readonly code: 'parent' | 'industry' | 'country' | 'products' | 'size';
  readonly text: string;
}

export interface Likeness {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

/** Products that are named; of more it says how many. */
const NAMED = 3;

/** How alike a customer and the target are, with all that is known of both. */
export function likeness(target: Target, row: AccountRow, company: Company | undefined): Likeness {
  const reasons: Reason[] = [];
  let score = 0;
  const { industry, country } = row;
  if (industry !== null && industry === target.row.industry) {
    score += WEIGHTS.industry;
    reasons.push({ code: 'industry', text: `same industry: ${industry}` });
  }
  if (country !== null && country === target.row.country) {
    score += WEIGHTS.country;
    reasons.push({ code: 'country', text: `also in ${country}` });
  }
  const shared = row.products.filter((product) => target.row.products.includes(product));
  if (shared.length > 0) {
    score += WEIGHTS.products * overlap(shared.length, row.products.length, target.row.products.length);
    reasons.push({ code: 'products', text: `both use ${listed(shared)}` });
  }
  const size = sizeOf(target, row, company);
  score += WEIGHTS.size * size;
  if (size >= SIMILAR_SIZE) reasons.push({ code: 'size', text: 'of similar size' });
  const group = groupOf(target, row, company);
  if (group !== undefined) reasons.unshift({ code: 'parent', text: group });
  return { score: round(group === undefined ? score : withGroup(score)), reasons };
}

/** By employees where both are known, else by what they pay. */
function sizeOf(target: Target, row: AccountRow, company: Company | undefined): number {
  const employees = company?.employees ?? 0;
  if (target.employees !== null && target.employees > 0 && employees > 0)
    return sizeLikeness(target.employees, employees);
  const one = paysOf(target.row);
  const other = paysOf(row);
  return one === null || other === null ? 0 : sizeLikeness(one, other);
}

/** What an account pays, in the money that the list compares. */
export function paysOf({ arr, arrConverted }: AccountRow): number | null {
  const pays = arrConverted ?? arr;
  return pays !== null && pays > 0 ? pays : null;
}

/** Why two accounts count as of one group: Salesforce's hierarchy says it, or only their names do. */
function groupOf(target: Target, row: AccountRow, company: Company | undefined): string | undefined {
  const { row: account, parentId, parentName } = target;
  if (parentId !== null && row.id === parentId) return 'its parent company';
  if (company?.parentId === account.id) return 'its subsidiary';
  if (parentId !== null && company?.parentId === parentId)
    return parentName === null ? 'of the same group' : `of the same group: ${parentName}`;
  const name = `${fold(row.name ?? '')} `;
  return groupNames([parentName, account.name]).some((begin) => name.startsWith(`${begin} `))
    ? 'by its name of the same group'
    : undefined;
}

function listed(products: readonly string[]): string {
  const named = products.slice(0, NAMED);
  const more = products.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  const last = named.at(-1) ?? '';
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${last}` : last;
}

function round(score: number): number {
  return Math.round(score * 1_000) / 1_000;
}
