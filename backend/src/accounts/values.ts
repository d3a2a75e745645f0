/** How Salesforce writes values that rows have in another form. */

/** `2026-11-24T12:00:00.000`, where digits are 0; what follows says that it is UTC. */
const PATTERN = Buffer.from('0000-00-00T00:00:00.000', 'latin1');
const ZERO = 0x30;
const Z = 0x5a;
/** `+0000`. */
const ZONE = [0x2b, ZERO, ZERO, ZERO, ZERO] as const;

/** Whether `bytes[start, end)` is a time in UTC with milliseconds, as Salesforce writes it: `2026-11-24T12:00:00.000+0000`. */
export function isUtcTime(bytes: Buffer, start: number, end: number): boolean {
  const zoneAt = start + PATTERN.length;
  if (end - zoneAt === 1) {
    if (bytes[zoneAt] !== Z) return false;
  } else {
    if (end - zoneAt !== ZONE.length) return false;
    for (let index = 0; index < ZONE.length; index += 1) if (bytes[zoneAt + index] !== ZONE[index]) return false;
  }
  for (let index = 0; index < PATTERN.length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    const wanted = PATTERN[index];
    if (byte !== wanted && (wanted !== ZERO || byte < ZERO || byte > ZERO + 9)) return false;
  }
  return true;
}

/** @returns null for what is no time */
export function timeOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const bytes = Buffer.from(value, 'utf8');
  return isUtcTime(bytes, 0, bytes.length) ? `${value.slice(0, PATTERN.length)}Z` : null;
}

/** Values of a multi-select picklist, which separates them by semicolons; any other text is one value. */
export function productNames(value: unknown): readonly string[] {
  if (typeof value !== 'string') return [];
  return [...new Set(value.split(';').map((product) => product.trim()))].filter((product) => product !== '');
}

/** @returns null for an empty text and for what is none */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function amountOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
