import { fold } from '../list/fold.ts';

/** Words at the end of a company's name that say what it is in law, not who. Folded, without points. */
const LEGAL = new Set([
  ...['inc', 'incorporated', 'corp', 'corporation', 'co', 'company', 'llc', 'llp', 'lp', 'ltd', 'limited', 'plc'],
  ...['gmbh', 'ag', 'kg', 'se', 'ohg', 'mbh', 'sa', 'sas', 'sarl', 'srl', 'spa', 'sl', 'bv', 'nv', 'ab', 'as', 'oy'],
  ...['holding', 'holdings', 'group', 'gruppe', '&'],
]);
/** Shorter names begin too many others. */
const SHORTEST = 4;

/** What names in an account's group begin with: its parent's name and its own, without what stands there in law. */
export function groupNames(names: readonly (string | null)[]): readonly string[] {
  const bare = names.map((name) => bareName(name ?? '')).filter((name) => name.length >= SHORTEST);
  return [...new Set(bare)];
}

function bareName(name: string): string {
  const words = fold(name).split(/\s+/).filter(Boolean);
  const plain = (word: string): string => word.replace(/[.,]/g, '');
  while (words.length > 1 && LEGAL.has(plain(words.at(-1) ?? ''))) words.pop();
  return words.join(' ').replace(/[.,]+$/, '');
}
