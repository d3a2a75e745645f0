import { Decimal128, Int32 } from 'bson';

/** A finite number as coefficient x 10^exponent, coefficient without trailing zeros. */
export type Exact = { coefficient: bigint; exponent: number };
export type Numeric = number | bigint | Int32 | Decimal128;

/** A number in a form that compares exactly: a double, an int64, or a finite decimal. */
export type Plain = number | bigint | Exact;

/** Takes the wrapper off; a Decimal128 that is NaN or infinite becomes that double. */
export function plain(value: Numeric): Plain {
  if (value instanceof Int32) return value.value;
  if (!(value instanceof Decimal128)) return value;
  const text = value.toString();
  if (text === 'NaN') return NaN;
  if (text === 'Infinity') return Infinity;
  if (text === '-Infinity') return -Infinity;
  const parts = /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (!parts) throw new Error('unreadable Decimal128');
  const fraction = parts[3] ?? '';
  const digits = BigInt(`${parts[2] ?? ''}${fraction}` || '0');
  return normalise(parts[1] === '-' ? -digits : digits, Number(parts[4] ?? 0) - fraction.length);
}

/** The exact decimal value of a finite number. */
export function exact(value: Plain): Exact {
  if (typeof value === 'bigint') return normalise(value, 0);
  if (typeof value !== 'number') return value;
  if (Number.isInteger(value)) return normalise(BigInt(value), 0);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  // Not an integer, so the binary exponent is negative: m x 2^-e = m x 5^e x 10^-e.
  const shift = 1075 - Math.max(biased, 1);
  return normalise((value < 0 ? -mantissa : mantissa) * 5n ** BigInt(shift), -shift);
}

/** Order of two numbers by value; NaN is equal to NaN and below everything else, as MongoDB sorts it. */
export function comparePlain(left: Plain, right: Plain): number {
  if (typeof left !== 'object' && typeof right !== 'object') {
    if (left < right) return -1;
    if (left > right) return 1;
    if (left == right) return 0;
    return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  }
  if (typeof left === 'number' && !Number.isFinite(left)) return left === Infinity ? 1 : -1;
  if (typeof right === 'number' && !Number.isFinite(right)) return right === Infinity ? -1 : 1;
  return compareExact(exact(left), exact(right));
}

/** Difference of two finite numbers, exact. */
export function subtractExact(left: Exact, right: Exact): Exact {
  const exponent = Math.min(left.exponent, right.exponent);
  return normalise(scaled(left, exponent) - scaled(right, exponent), exponent);
}

/** Position of the first digit: 1 for 1..9.99, 2 for 10..99.9. */
export const magnitude = (value: Exact): number => digitsOf(value).length + value.exponent;

export const digitsOf = (value: Exact): string =>
  (value.coefficient < 0n ? -value.coefficient : value.coefficient).toString();

export function compareExact(left: Exact, right: Exact): number {
  const leftSign = sign(left.coefficient);
  const rightSign = sign(right.coefficient);
  if (leftSign !== rightSign) return leftSign < rightSign ? -1 : 1;
  if (leftSign === 0) return 0;
  // Compare sizes first, so that 10^6000 is never written out.
  const size = magnitude(left) - magnitude(right);
  if (size !== 0) return size > 0 ? leftSign : -leftSign;
  const exponent = Math.min(left.exponent, right.exponent);
  return sign(scaled(left, exponent) - scaled(right, exponent));
}

const scaled = (value: Exact, exponent: number): bigint => value.coefficient * 10n ** BigInt(value.exponent - exponent);
const sign = (value: bigint): number => (value > 0n ? 1 : value < 0n ? -1 : 0);

function normalise(coefficient: bigint, exponent: number): Exact {
  if (coefficient === 0n) return { coefficient: 0n, exponent: 0 };
  const zeros = /0*$/.exec(coefficient.toString())?.[0].length ?? 0;
  return { coefficient: coefficient / 10n ** BigInt(zeros), exponent: exponent + zeros };
}
