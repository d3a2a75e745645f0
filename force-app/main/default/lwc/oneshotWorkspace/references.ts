import type { CustomerRow } from 'c/oneshotCustomerColumns';
import { referenceSentence } from 'c/oneshotReferences';

/** A sentence that names the chosen customers. */
export function sentenceOf(rows: readonly CustomerRow[], ids: readonly string[]): string {
  return referenceSentence(rows.filter((row) => ids.includes(row.id)).map((row) => row.name));
}
