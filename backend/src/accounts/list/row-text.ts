/**
 * A row is sent as pieces of JSON that lie ready to be copied. What is its own (id, name, amounts, city, website, time)
 * lies in its segment; what it has in common with others (currencies, industry, country, owner, products) lies in a
 * dictionary, once for all rows, and the row has its code.
 */
export interface Text {
  /** Begins with the text and has SLACK bytes behind it. */
  readonly view: DataView;
  /** Bytes. */
  readonly length: number;
}

/** `copyText` copies eight bytes at a time: so many may be read or written behind the end. */
export const SLACK = 7;

/** What stands before each value that is a row's own, in the order of the values. */
export const OWN = {
  id: plainText('{"id":'),
  name: plainText(',"name":'),
  arr: plainText(',"arr":'),
  arrConverted: plainText(',"arrConverted":'),
  city: plainText(',"city":'),
  website: plainText(',"website":'),
  modifiedAt: plainText(',"modifiedAt":'),
};
/** All of them, bytes. */
export const OWN_NAMES = Object.values(OWN).reduce((sum, { length }) => sum + length, 0);

/** An id has 18 characters. */
export const ID_BYTES = 18;
/** Where in a row's own text the id begins, behind its quote. */
export const ID_AT = OWN.id.length + 1;
/** Where in a row's own text the name begins. */
const NAME_AT = ID_AT + ID_BYTES + 1 + OWN.name.length;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What stands around a value that rows share, and the value of a row that has none. */
export interface Frame {
  readonly before: string;
  readonly none: string;
  readonly after: string;
}

export const FRAMES = {
  currency: { before: ',"currency":', none: 'null,"convertedCurrency":null', after: '' },
  industry: { before: ',"industry":', none: 'null', after: '' },
  country: { before: ',"country":', none: 'null', after: '' },
  owner: { before: ',"owner":{"id":', none: 'null,"name":null', after: '}' },
  /** The last of a row. */
  products: { before: ',"products":', none: '[]', after: '}' },
} satisfies Record<string, Frame>;

/** What stands between both currencies of a row. */
export const CONVERTED_CURRENCY = ',"convertedCurrency":';
/** What stands between an owner's id and name. A JSON string cannot hold it: its quotes would be escaped. */
export const OWNER_NAME = ',"name":';

export function writeText({ view, length }: Text, target: DataView, at: number): number {
  return copyText(view, 0, length, target, at);
}

/**
 * Copies by words of eight bytes, which for texts this short is faster than Node's own copying. Floats, since V8 makes an
 * object of a 64-bit integer; a NaN, which might change on the way, would hold bytes that UTF-8 never has side by side.
 * @returns the index behind what was written
 */
export function copyText(source: DataView, start: number, length: number, target: DataView, at: number): number {
  for (let done = 0; done < length; done += 8) {
    target.setFloat64(at + done, source.getFloat64(start + done, true), true);
  }
  return at + length;
}

/** Where the JSON of a row's name lies: `[from, to)`. */
export function nameRange(bytes: Uint8Array, start: number): readonly [from: number, to: number] {
  const from = start + NAME_AT;
  if (bytes[from] !== QUOTE) return [from, from + 'null'.length];
  let at = from + 1;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return [from, at + 1];
}

/** An owner's id and name as rows share them, both JSON. */
export function ownerTexts(value: string): readonly [id: string, name: string] {
  const end = value.indexOf(OWNER_NAME);
  return [value.slice(0, end), value.slice(end + OWNER_NAME.length)];
}

/** What the value of an owner with this id begins with. */
export function ownerStart(id: string): string {
  return quoted(id) + OWNER_NAME;
}

/** JSON of a string or null. */
export function quoted(value: string | null): string {
  return JSON.stringify(value);
}

/** A text that holds nothing of a CRM. */
export function plainText(text: string): Text {
  const view = new DataView(new ArrayBuffer(text.length + SLACK));
  Buffer.from(view.buffer).write(text, 'latin1');
  return { view, length: text.length };
}
