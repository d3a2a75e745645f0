/**
 * A row is kept as its JSON values, each closed by a separator, and without the names of the properties: they would be
 * half of it. A page puts the names back while it copies (`writeRow`). The separator is a control character, which JSON
 * text never holds as it is.
 */
export const SEPARATOR_BYTE = 0x1f;
const SEPARATOR = '\u001f';
/** Four of them. */
const SEPARATORS = 0x1f1f1f1f;

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
/** Which value is which. */
export const VALUE = { name: 1, owner: 10, products: 12 } as const;

const CLOSING_BRACE = 0x7d;

/** `writeRow` copies four bytes at a time: so many may be read or written behind the end. */
export const SLACK = 3;

/** The names, each filled up to whole words of four bytes. */
const NAME_WORDS = new Uint32Array(NAMES.flatMap(wordsOf));
/** Where in NAME_WORDS each name begins, and the end. */
const NAME_STARTS = Uint16Array.from(
  NAMES.reduce<number[]>((all, name) => [...all, all.at(-1)! + wordsOf(name).length], [0]),
);
const NAME_LENGTHS = Uint8Array.from(NAMES.map((name) => name.length));
const ALL_NAMES = NAMES.join('').length + 1;

function wordsOf(name: string): number[] {
  const bytes = Buffer.alloc(Math.ceil(name.length / 4) * 4, name.padEnd(16, '\0'), 'latin1');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
}

/** Bytes that a page needs for a row whose values take `length` bytes. */
export function rowSize(length: number): number {
  return length - NAMES.length + ALL_NAMES;
}

/**
 * Writes a row as JSON, by words of four bytes, which is a third of the time of single bytes. A word that holds a
 * separator is found by Mycroft's test for a zero byte, after the separator was made zero.
 * @param values has the row's values from `start` on
 * @param target must have SLACK bytes behind the row
 * @returns the index behind what was written
 */
export function writeRow(values: DataView, start: number, target: DataView, at: number): number {
  let from = start;
  let to = at;
  for (let value = 0; value < NAME_LENGTHS.length; value += 1) {
    const stop = NAME_STARTS[value + 1]!;
    let nameTo = to;
    for (let word = NAME_STARTS[value]!; word < stop; word += 1) {
      target.setUint32(nameTo, NAME_WORDS[word]!, true);
      nameTo += 4;
    }
    to += NAME_LENGTHS[value]!;
    for (;;) {
      const word = values.getUint32(from, true);
      target.setUint32(to, word, true);
      const marked = word ^ SEPARATORS;
      const zeros = (marked - 0x01010101) & ~marked & 0x80808080;
      if (zeros !== 0) {
        const length = (31 - Math.clz32(zeros & -zeros)) >>> 3;
        from += length + 1;
        to += length;
        break;
      }
      from += 4;
      to += 4;
    }
  }
  target.setUint8(to, CLOSING_BRACE);
  return to + 1;
}

/** Where a value lies: `[start, end)`. @param index of VALUE */
export function valueRange(values: Uint8Array, start: number, index: number): readonly [number, number] {
  let from = start;
  for (let passed = 0; passed < index; passed += 1) from = values.indexOf(SEPARATOR_BYTE, from) + 1;
  return [from, values.indexOf(SEPARATOR_BYTE, from)];
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
