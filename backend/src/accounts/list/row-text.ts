/**
 * A row is kept as its JSON values, one after the other with a separator between, and without the names of the
 * properties: they would be half of it. A page puts the names back while it copies (`writeRow`). The separator is a
 * control character, which JSON text never holds as it is.
 */
export const SEPARATOR_BYTE = 0x1f;
const SEPARATOR = '\u001f';

/** What stands before each value, in the order of the values. */
const NAMES = [
  '{"id":',
  ',"name":',
  ',"arr":',
  ',"currency":',
  ',"arrConverted":',
  ',"convertedCurrency":',
  ',"industry":',
  ',"country":',
  ',"city":',
  ',"website":',
  ',"owner":{"id":',
  ',"name":',
  '},"products":',
  ',"modifiedAt":',
];
const END = '}';

/** Which value is which. */
export const VALUE = { name: 1, owner: 10, products: 12 } as const;

const NAME_BYTES = Buffer.from(NAMES.join('') + END, 'latin1');
/** Where in NAME_BYTES each name begins; the last entry is where the closing brace does. */
const NAME_STARTS = Uint16Array.from(
  NAMES.reduce<number[]>((all, name) => [...all, (all.at(-1) ?? 0) + name.length], [0]),
);

/** Bytes that a page needs for a row whose values take `length` bytes. */
export function rowSize(length: number): number {
  return length - (NAMES.length - 1) + NAME_BYTES.length;
}

/**
 * Writes a row as JSON.
 * @param values bytes that hold the row's values from `start` to `end`
 * @returns the index behind what was written
 */
export function writeRow(values: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let next = 1;
  let to = at;
  for (let from = 0; from < NAME_STARTS[1]!; from += 1) target[to++] = NAME_BYTES[from]!;
  for (let from = start; from < end; from += 1) {
    const byte = values[from]!;
    if (byte !== SEPARATOR_BYTE) {
      target[to++] = byte;
    } else {
      const stop = NAME_STARTS[next + 1]!;
      for (let name = NAME_STARTS[next]!; name < stop; name += 1) target[to++] = NAME_BYTES[name]!;
      next += 1;
    }
  }
  target[to++] = NAME_BYTES[NAME_BYTES.length - 1]!;
  return to;
}

/** Where a value lies: `[start, end)`. @param index of VALUE */
export function valueRange(values: Uint8Array, start: number, end: number, index: number): readonly [number, number] {
  let from = start;
  for (let passed = 0; passed < index; passed += 1) from = values.indexOf(SEPARATOR_BYTE, from) + 1;
  const stop = values.indexOf(SEPARATOR_BYTE, from);
  return [from, stop === -1 || stop > end ? end : stop];
}

/** The values of an owner's text, both JSON. */
export function ownerValues(text: string): readonly [id: string, name: string] {
  const [id = 'null', name = 'null'] = text.split(SEPARATOR);
  return [id, name];
}

/** What the text of an owner with this id begins with. */
export function ownerStart(id: string): string {
  return quoted(id) + SEPARATOR;
}

/** JSON of a string or null. */
export function quoted(value: string | null): string {
  return JSON.stringify(value);
}
