import type { RowStore } from './row-store.ts';
import { copyText, writeText } from './row-text.ts';
import type { Segment } from './segment.ts';

/** Bytes that a page needs for a row. */
export function rowSize(store: RowStore, segment: Segment, place: number): number {
  return (
    segment.ends[place]! -
    segment.start(place) +
    store.currencies.text(segment.currency[place]!).length +
    store.industries.text(segment.industry[place]!).length +
    store.countries.text(segment.country[place]!).length +
    store.owners.text(segment.owner[place]!).length +
    store.products.text(segment.products[place]!).length
  );
}

/**
 * Writes a row as JSON.
 * @param target must have SLACK bytes behind the row
 * @returns the index behind what was written
 */
export function writeRow(store: RowStore, segment: Segment, place: number, target: DataView, at: number): number {
  const start = segment.start(place);
  let to = copyText(segment.view, start, segment.ends[place]! - start, target, at);
  to = writeText(store.currencies.text(segment.currency[place]!), target, to);
  to = writeText(store.industries.text(segment.industry[place]!), target, to);
  to = writeText(store.countries.text(segment.country[place]!), target, to);
  to = writeText(store.owners.text(segment.owner[place]!), target, to);
  return writeText(store.products.text(segment.products[place]!), target, to);
}
