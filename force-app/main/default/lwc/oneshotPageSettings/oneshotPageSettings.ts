/**
 * What an admin set in App Builder, made safe. App Builder checks types and bounds, but a page that is deployed as
 * metadata can carry anything: what makes no sense leaves the component as it is without.
 */

export interface Range {
  min: number;
  max: number;
  /** Where nothing is set, or no number. */
  otherwise: number;
}

/** A whole number within its bounds; one beyond them is the nearest bound. */
export function wholeWithin(value: unknown, { min, max, otherwise }: Range): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return otherwise;
  return Math.min(max, Math.max(min, Math.round(number)));
}

/** Whether something is switched on: also the texts that metadata has. */
export function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}

/** The names of a list that somebody typed, in small letters: commas, semicolons and spaces stand between them. */
export function namesOf(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return value
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((name) => name !== '');
}
