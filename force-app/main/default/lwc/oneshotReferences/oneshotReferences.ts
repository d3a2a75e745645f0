import { fill, formatNames } from 'c/oneshotFormat';
import many from '@salesforce/label/c.Reference_Many';
import one from '@salesforce/label/c.Reference_One';

export { reasonText } from './reasons';

/** A sentence that names customers: names and nothing else, never an amount. Empty for no name. */
export function referenceSentence(names: readonly string[]): string {
  if (names.length === 0) return '';
  return fill(names.length === 1 ? one : many, formatNames(names));
}
