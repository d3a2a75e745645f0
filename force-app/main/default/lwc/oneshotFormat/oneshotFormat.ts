import lang from '@salesforce/i18n/lang';
import locale from '@salesforce/i18n/locale';
import timeZone from '@salesforce/i18n/timeZone';

/** Numbers, money, dates and sentences as the user's locale and language say. */

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone });
/** A date of the CRM has no time zone: it is the same day everywhere. */
const plainDate = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const minutes = new Intl.NumberFormat(lang, { style: 'unit', unit: 'minute', unitDisplay: 'long' });
const seconds = new Intl.NumberFormat(lang, { style: 'unit', unit: 'second', unitDisplay: 'long' });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'always' });
const relativeShort = new Intl.RelativeTimeFormat(lang, { numeric: 'always', style: 'short' });
const relativeDay = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
const names = new Intl.ListFormat(lang, { type: 'conjunction' });
const moneyFormats = new Map<string, Intl.NumberFormat | null>();

/** `{0}`, `{1}` of a label replaced. A value is text, never markup. */
export function fill(label: string, ...values: (string | number)[]): string {
  return label.replace(/\{(\d)\}/g, (place, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? place : String(value);
  });
}

export function formatCount(count: number): string {
  return integer.format(count);
}

function moneyFormat(currency: string): Intl.NumberFormat | null {
  const known = moneyFormats.get(currency);
  if (known !== undefined) return known;
  let format: Intl.NumberFormat | null = null;
  try {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 });
  } catch {
    // An org may name a currency that ISO 4217 does not know: the code is then written beside the number.
  }
  moneyFormats.set(currency, format);
  return format;
}

/** Money without decimals, in its own currency; empty where there is none. */
export function formatMoney(amount: number | null, currency: string | null): string {
  if (amount === null) return '';
  if (currency === null || currency === '') return integer.format(amount);
  return moneyFormat(currency)?.format(amount) ?? `${currency} ${integer.format(amount)}`;
}

/** Local time of day, in the user's own time zone: "14:05". */
export function formatClock(unixMs: number): string {
  return clock.format(unixMs);
}

/** Local date and time. */
export function formatMoment(unixMs: number): string {
  return day.format(unixMs);
}

/** Local date: "Nov 24, 2026". */
export function formatDay(unixMs: number): string {
  return date.format(unixMs);
}

/** A date without a time, as the CRM has it: "Nov 24, 2026". @param isoDate `2026-11-24` */
export function formatDate(isoDate: string): string {
  return plainDate.format(Date.parse(`${isoDate.slice(0, 10)}T00:00:00Z`));
}

/** How long something takes, rounded up to what a person plans by: "10 seconds", "2 minutes". */
export function formatDuration(ms: number): string {
  const wholeSeconds = Math.max(5, Math.ceil(ms / 5_000) * 5);
  return wholeSeconds < 60 ? seconds.format(wholeSeconds) : minutes.format(Math.ceil(wholeSeconds / 60));
}

/**
 * "12 minutes ago" and "12 min. ago", in the user's language.
 * @param passedMs since then; less than a minute is "now"
 */
export function formatAgo(passedMs: number, style: 'long' | 'short' = 'long'): string {
  const passed = passedMs / 1000;
  if (passed < 60) return relativeDay.format(0, 'second');
  const [unit, size] = UNITS.find(([, length]) => passed >= length) ?? ['minute', 60];
  return (style === 'short' ? relativeShort : relative).format(-Math.floor(passed / size), unit);
}

/** "yesterday", "3 days ago": when a record changed. */
export function formatAge(passedMs: number): string {
  const passed = Math.max(60, passedMs / 1000);
  const [unit, size] = UNITS.find(([, length]) => passed >= length) ?? ['minute', 60];
  return relativeDay.format(-Math.floor(passed / size), unit);
}

/** "Acme, Beta and Gamma" in the user's language. */
export function formatNames(list: readonly string[]): string {
  return names.format(list);
}
