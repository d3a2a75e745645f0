/** A span of days: from the first to the day before `end`, as days since 1970 in the user's time zone. */
export interface Range {
  readonly start: number;
  readonly end: number;
  /** The same borders as moments, epoch milliseconds. */
  readonly startAt: number;
  readonly endAt: number;
  /** Whether the span ends with the present moment: what "after it" means is then not documented. */
  readonly endsNow: boolean;
}

const DAY = 86_400_000;

interface Span {
  readonly start: number;
  readonly end: number;
  readonly endsNow?: boolean;
}

/** Days since 1970 of a local date. */
const dayNumber = (year: number, month: number, day: number): number => Math.floor(Date.UTC(year, month, day) / DAY);

/**
 * The days that a date literal means. Source: Salesforce, "Date Formats and Date Literals". Fiscal years are not
 * evaluated: an org sets them for itself.
 * @param text `TODAY`, `LAST_N_DAYS:30`, ... in any letter case
 * @returns undefined for a literal that is not evaluated
 */
export function literalRange(text: string, now: number, timezone: string): Range | undefined {
  const [name = '', argument] = text.toUpperCase().split(':');
  const n = argument === undefined ? undefined : Number(argument);
  if (n !== undefined && (!Number.isInteger(n) || n < 0 || n > 10_000)) return undefined;
  const today = localDay(now, timezone);
  const span = n === undefined ? fixedSpan(name, today) : countedSpan(name, n, today);
  if (span === undefined) return undefined;
  return {
    start: span.start,
    end: span.end,
    startAt: momentOf(span.start, timezone),
    endAt: momentOf(span.end, timezone),
    endsNow: span.endsNow === true,
  };
}

/** The day in a time zone at a moment, as days since 1970. */
export function localDay(at: number, timezone: string): number {
  return Math.floor((at + offsetAt(at, timezone)) / DAY);
}

/** Milliseconds that a zone's clock is ahead of UTC at a moment. */
function offsetAt(at: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
  return local - Math.floor(at / 1000) * 1000;
}

/** The moment at which a day begins in a time zone. */
function momentOf(day: number, timezone: string): number {
  const guess = day * DAY - offsetAt(day * DAY, timezone);
  return day * DAY - offsetAt(guess, timezone);
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/** The unit that lies `shift` units from the one of `today`. Weeks begin on Sunday. */
function unitSpan(unit: Unit, shift: number, today: number): Span {
  const date = new Date(today * DAY);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  switch (unit) {
    case 'DAY':
      return { start: today + shift, end: today + shift + 1 };
    case 'WEEK': {
      const start = today - date.getUTCDay() + shift * 7;
      return { start, end: start + 7 };
    }
    case 'MONTH':
      return { start: dayNumber(year, month + shift, 1), end: dayNumber(year, month + shift + 1, 1) };
    case 'QUARTER': {
      const first = month - (month % 3) + shift * 3;
      return { start: dayNumber(year, first, 1), end: dayNumber(year, first + 3, 1) };
    }
    case 'YEAR':
      return { start: dayNumber(year + shift, 0, 1), end: dayNumber(year + shift + 1, 0, 1) };
  }
}

const isUnit = (text: string): text is Unit => ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'].includes(text);

function fixedSpan(name: string, today: number): Span | undefined {
  if (name === 'TODAY') return unitSpan('DAY', 0, today);
  if (name === 'YESTERDAY') return unitSpan('DAY', -1, today);
  if (name === 'TOMORROW') return unitSpan('DAY', 1, today);
  if (name === 'LAST_90_DAYS') return { start: today - 90, end: today + 1, endsNow: true };
  if (name === 'NEXT_90_DAYS') return { start: today + 1, end: today + 91 };
  const [which, unit = '', rest] = name.split('_');
  const shift = which === 'LAST' ? -1 : which === 'THIS' ? 0 : which === 'NEXT' ? 1 : undefined;
  return shift !== undefined && rest === undefined && isUnit(unit) ? unitSpan(unit, shift, today) : undefined;
}

function countedSpan(name: string, n: number, today: number): Span | undefined {
  const ago = /^N_([A-Z]+)S_AGO$/.exec(name)?.[1];
  if (ago !== undefined) return isUnit(ago) ? unitSpan(ago, -n, today) : undefined;
  const [, which, unit = ''] = /^(LAST|NEXT)_N_([A-Z]+)S$/.exec(name) ?? [];
  if (which === undefined || !isUnit(unit)) return undefined;
  if (which === 'NEXT') return { start: unitSpan(unit, 1, today).start, end: unitSpan(unit, n, today).end };
  if (unit === 'DAY') return { start: today - n, end: today + 1, endsNow: true };
  return { start: unitSpan(unit, -n, today).start, end: unitSpan(unit, -1, today).end };
}
