import type { CustomerRow } from 'c/oneshotCustomerColumns';
import { fill, formatNames } from 'c/oneshotFormat';
import { label } from './labels';

/** A sentence that names customers: names and nothing else, never an amount. */
export function referenceSentence(rows: readonly CustomerRow[], ids: readonly string[]): string {
  const names = rows.filter((row) => ids.includes(row.id)).map((row) => row.name);
  return fill(names.length === 1 ? label.referenceOne : label.referenceMany, formatNames(names));
}
