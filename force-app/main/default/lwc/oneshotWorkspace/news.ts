import type { ListView } from 'c/oneshotCustomerList';
import { fill, formatCount } from 'c/oneshotFormat';
import { label } from './labels';

/** What a screen reader is told when the list changed; empty where there is nothing to tell. Problems are told apart. */
export function newsOf(before: ListView, view: ListView): string {
  if (view.phase === 'forgotten' && before.phase !== 'forgotten') return label.announceForgotten;
  if (!before.isRenewing && view.isRenewing) return label.renewing;
  const matched = formatCount(view.matched ?? 0);
  const isRenewed = before.isRenewing && !view.isRenewing && view.problem === null;
  if (isRenewed || (before.isChanging && !view.isChanging && view.phase === 'ready')) {
    return fill(label.announceMatched, matched, formatCount(view.total ?? 0));
  }
  if (before.isLoadingMore && !view.isLoadingMore) {
    return fill(label.announceLoaded, formatCount(view.rows.length), matched);
  }
  return '';
}
