/** How one language writes numbers, things that are counted, and times. */
export interface Wording {
  /** "1 session", "1,200 sessions". Both languages that we have know one and many. */
  readonly many: (count: number, one: string, more: string) => string;
  readonly number: (count: number) => string;
  /** A moment, in UTC: the reader's time zone is not known here. @param at ISO 8601 or a Date */
  readonly moment: (at: string | Date) => string;
}

/** @param locale BCP 47, for numbers and times */
export function wordingFor(locale: string): Wording {
  const numbers = new Intl.NumberFormat(locale);
  const rules = new Intl.PluralRules(locale);
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const number = (count: number): string => numbers.format(count);
  return {
    number,
    many: (count, one, more) => `${number(count)} ${rules.select(count) === 'one' ? one : more}`,
    moment: (at) => `${moments.format(new Date(at))} UTC`,
  };
}
