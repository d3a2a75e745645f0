import { Decimal128, Int32 } from 'bson';
import type { Numeric } from '../bson/decimal.ts';
import { badValue, unsupported } from '../errors.ts';

const INT32_MAX = 2_147_483_647n;
const INT64_MAX = (1n << 63n) - 1n;

/**
 * Adds or multiplies as MongoDB does: int32 widens to int64, an int64 that overflows is an error, one double makes
 * the result a double.
 * @throws MongoError 2 on int64 overflow and for Decimal128, whose arithmetic is not implemented
 */
export function calculate(operator: '+' | '*', left: Numeric, right: Numeric): Numeric {
  if (left instanceof Decimal128 || right instanceof Decimal128) throw unsupported('Decimal128 arithmetic');
  if (typeof left === 'number' || typeof right === 'number') {
    const [a, b] = [
      Number(left instanceof Int32 ? left.value : left),
      Number(right instanceof Int32 ? right.value : right),
    ];
    return operator === '+' ? a + b : a * b;
  }
  const [a, b] = [whole(left), whole(right)];
  const result = operator === '+' ? a + b : a * b;
  if (left instanceof Int32 && right instanceof Int32 && result <= INT32_MAX && result >= -INT32_MAX - 1n)
    return new Int32(Number(result));
  if (result > INT64_MAX || result < -INT64_MAX - 1n)
    throw badValue('Failed to apply the operation: the result does not fit 64 bits');
  return result;
}

const whole = (value: Int32 | bigint): bigint => (typeof value === 'bigint' ? value : BigInt(value.value));
