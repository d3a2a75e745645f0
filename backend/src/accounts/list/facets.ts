import type { ErasableMemory } from './memory.ts';
import type { RowStore } from './row-store.ts';
import { ownerTexts } from './row-text.ts';

export const FACETS = ['industry', 'country', 'owner', 'product'] as const;
export type Facet = (typeof FACETS)[number];

/** How many rows have each value, by code. `product` counts lists of products until they are taken apart. */
export type FacetCounts = Readonly<Record<Facet, Uint32Array>>;

export function emptyCounts(store: RowStore): FacetCounts {
  return {
    industry: new Uint32Array(store.industries.end),
    country: new Uint32Array(store.countries.end),
    owner: new Uint32Array(store.owners.end),
    product: new Uint32Array(store.products.end),
  };
}

/**
 * The `facets` of an answer as JSON: values with their counts, most frequent first, then by value.
 * @returns a buffer that the caller gives back
 */
export function facetsJson(store: RowStore, counts: FacetCounts, memory: ErasableMemory): Buffer {
  const plain = (value: string): FacetText => ({ value, label: value });
  const parts = [
    entries(counts.industry, store.industries, plain),
    entries(counts.country, store.countries, plain),
    entries(counts.owner, store.owners, ownerText),
    entries(productCounts(store, counts.product), store.products.products, plain),
  ];
  const json = `{${FACETS.map((facet, index) => `"${facet}":[${parts[index] ?? ''}]`).join(',')}}`;
  const buffer = memory.allocate(Buffer.byteLength(json));
  buffer.write(json, 'utf8');
  return buffer;
}

/** Both are JSON texts. */
interface FacetText {
  readonly value: string;
  readonly label: string;
}

function ownerText(text: string): FacetText {
  const [value, label] = ownerTexts(text);
  return { value, label };
}

/** An owner without an id cannot be asked for. */
const NO_VALUE = 'null';

type Counted = FacetText & { readonly count: number };

const mostFirst = (a: Counted, b: Counted): number =>
  b.count - a.count || compare(a.label, b.label) || compare(a.value, b.value);

/** An owner who was renamed between two pages has two names: one entry, under the name that most rows have. */
function ownersOnce(sorted: readonly Counted[]): readonly Counted[] {
  const byId = new Map<string, Counted>();
  for (const entry of sorted) {
    const first = byId.get(entry.value) ?? { ...entry, count: 0 };
    byId.set(entry.value, { ...first, count: first.count + entry.count });
  }
  return byId.size === sorted.length ? sorted : [...byId.values()].sort(mostFirst);
}

function entries(
  counts: Uint32Array,
  dictionary: { bytes(code: number): Buffer | undefined },
  textsOf: (text: string) => FacetText,
): string {
  const found: Counted[] = [];
  counts.forEach((count, code) => {
    const bytes = count === 0 ? undefined : dictionary.bytes(code);
    if (bytes === undefined) return;
    const text = textsOf(bytes.toString('utf8'));
    if (text.value !== NO_VALUE) found.push({ ...text, count });
  });
  const sorted = found.sort(mostFirst);
  return (textsOf === ownerText ? ownersOnce(sorted) : sorted)
    .map(({ value, label, count }) => `{"value":${value},"label":${label},"count":${count}}`)
    .join(',');
}

function productCounts(store: RowStore, ofLists: Uint32Array): Uint32Array {
  const counts = new Uint32Array(store.products.products.end);
  ofLists.forEach((count, list) => {
    if (count === 0) return;
    for (const product of store.products.members(list)) counts[product] = counts[product]! + count;
  });
  return counts;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
