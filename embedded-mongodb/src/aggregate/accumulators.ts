import { Decimal128, Int32 } from 'bson';
import { compare } from '../bson/compare.ts';
import { isNumeric, MISSING, type Found, type Value } from '../bson/values.ts';
import { badValue, MongoError, unsupported } from '../errors.ts';

/** Takes the values of a group one by one. */
export type Accumulator = { add(value: Found): void; result(): Value };

/** @throws MongoError 2 for accumulators that are not implemented, 15952 for unknown ones */
export function accumulator(name: string): () => Accumulator {
  switch (name) {
    case '$sum':
      return sum;
    case '$avg':
      return average;
    case '$min':
      return () => extreme(-1);
    case '$max':
      return () => extreme(1);
    case '$first':
      return () => edge(true);
    case '$last':
      return () => edge(false);
    case '$push':
      return push;
    default:
      if (
        [
          '$addToSet',
          '$stdDevPop',
          '$stdDevSamp',
          '$mergeObjects',
          '$accumulator',
          '$top',
          '$bottom',
          '$topN',
          '$bottomN',
          '$firstN',
          '$lastN',
          '$minN',
          '$maxN',
          '$count',
          '$median',
          '$percentile',
        ].includes(name)
      )
        throw unsupported(`The accumulator ${name}`);
      throw new MongoError(15952, `unknown group operator '${name}'`);
  }
}

/** Adds doubles with their rounding errors, integers exactly. Source: MongoDB's DoubleDoubleSummation. */
class Total {
  #whole = 0n;
  #high = 0;
  #low = 0;
  #special = 0;
  #type: 'int' | 'long' | 'double' = 'int';
  count = 0;

  add(value: Found): void {
    if (value === MISSING || !isNumeric(value)) return;
    if (value instanceof Decimal128) throw unsupported('Decimal128 arithmetic');
    this.count++;
    if (value instanceof Int32) this.#whole += BigInt(value.value);
    else if (typeof value === 'bigint') {
      this.#whole += value;
      if (this.#type === 'int') this.#type = 'long';
    } else {
      this.#type = 'double';
      if (Number.isFinite(value)) this.#addDouble(value);
      else this.#special += value;
    }
  }

  #addDouble(value: number): void {
    const sum = this.#high + value;
    const part = sum - this.#high;
    const error = this.#high - (sum - part) + (value - part);
    this.#high = sum;
    this.#low += error;
  }

  get double(): number {
    if (this.#special !== 0) return this.#special;
    const whole = Number(this.#whole);
    if (whole !== 0 && this.#high !== 0 && BigInt(whole) !== this.#whole)
      throw badValue('The sum mixes integers beyond 2^53 with doubles, which is not supported by the embedded server');
    const sum = this.#high + whole;
    const part = sum - this.#high;
    return sum + (this.#low + (this.#high - (sum - part) + (whole - part)));
  }

  get value(): Value {
    if (this.#type === 'double') return this.double;
    const small = this.#whole <= 2_147_483_647n && this.#whole >= -2_147_483_648n;
    if (this.#type === 'int' && small) return new Int32(Number(this.#whole));
    const fits = BigInt.asIntN(64, this.#whole) === this.#whole;
    return fits ? this.#whole : Number(this.#whole);
  }
}

function sum(): Accumulator {
  const total = new Total();
  return { add: (value) => total.add(value), result: () => total.value };
}

function average(): Accumulator {
  const total = new Total();
  return { add: (value) => total.add(value), result: () => (total.count === 0 ? null : total.double / total.count) };
}

function extreme(direction: 1 | -1): Accumulator {
  let best: Value | undefined;
  return {
    add: (value) => {
      if (value === MISSING || value === null) return;
      if (best === undefined || compare(value, best) * direction > 0) best = value;
    },
    result: () => best ?? null,
  };
}

function edge(first: boolean): Accumulator {
  let kept: Value | undefined;
  return {
    add: (value) => {
      if (!first || kept === undefined) kept = value === MISSING ? null : value;
    },
    result: () => kept ?? null,
  };
}

function push(): Accumulator {
  const values: Value[] = [];
  return {
    add: (value) => {
      if (value !== MISSING) values.push(value);
    },
    result: () => values,
  };
}
