import { KIND } from '../../salesforce/json-bytes.ts';
import { CrmInvalid } from '../../salesforce/errors.ts';
import { isUtcTime, productNames } from '../values.ts';
import { Dictionary } from './dictionary.ts';
import { FIELD, type RecordBytes } from './record-fields.ts';
import { decoded, RowBytes } from './row-bytes.ts';
import type { RowStore } from './row-store.ts';
import { quoted, SEPARATOR_BYTE, VALUE, valueRange } from './row-text.ts';
import { SEGMENT_ROWS, type StagedRow } from './segment.ts';

const LINE_END = 0x0a;
const ROW_END = 0x00;
/** Of an 18-character id in quotes. */
const ID_BYTES = 20;
/** Of `"2026-11-24T12:00:00.000` without what says that it is UTC. */
const TIME_BYTES = 24;
const UTC = Buffer.from('Z"', 'latin1');
/** What a row has besides its values: separators and `null`s. */
const EXTRA_BYTES = 128;
const NULL_BYTES = 4;
const NO_PRODUCTS = Buffer.from('[]', 'latin1');

/** Copies the rows of one pull into the store. It holds references to the codes that it met until `close`. */
export class RowWriter {
  readonly #store: RowStore;
  readonly #values: RowBytes;
  readonly #folded: RowBytes;
  readonly #currency: Buffer;
  /** One object for all rows. */
  readonly #staged: { -readonly [Part in keyof StagedRow]: StagedRow[Part] };
  readonly #industries = new Set<number>();
  readonly #countries = new Set<number>();
  readonly #owners = new Set<number>();
  readonly #productSets = new Set<number>();
  /** Texts of the field that names products, as they came, and the JSON of each. */
  readonly #productTexts: Dictionary;
  readonly #productLists: Buffer[] = [];

  /** @param ownCurrency what converted amounts are in */
  constructor(store: RowStore, ownCurrency: string | null) {
    this.#store = store;
    this.#values = new RowBytes(store.memory);
    this.#folded = new RowBytes(store.memory);
    this.#currency = Buffer.from(quoted(ownCurrency), 'utf8');
    const bytes = Buffer.alloc(0);
    const codes = { industry: 0, country: 0, owner: 0, products: 0 };
    this.#staged = { bytes, length: 0, folded: bytes, foldedLength: 0, arr: 0, ...codes };
    this.#productTexts = new Dictionary(store.memory);
  }

  /** Adds a reference to the row of a record. @returns its slot @throws CrmInvalid it has no id */
  add(record: RecordBytes): number {
    const { industries, countries, owners } = this.#store;
    const values = this.#values;
    const size = sizeOf(record);
    values.clear();
    values.reserve(size + EXTRA_BYTES);
    this.#writeId(record);
    values.byte(SEPARATOR_BYTE);
    values.quoted(record, FIELD.name);
    values.byte(SEPARATOR_BYTE);
    const arr = values.number(record, FIELD.arr);
    values.byte(SEPARATOR_BYTE);
    values.quoted(record, FIELD.currency);
    values.byte(SEPARATOR_BYTE);
    const converted = values.number(record, FIELD.arrConverted);
    values.byte(SEPARATOR_BYTE);
    if (Number.isNaN(converted)) values.null();
    else values.copy(this.#currency, 0, this.#currency.length);
    values.byte(SEPARATOR_BYTE);
    const industry = this.#writeCoded(record, FIELD.industry, industries, this.#industries);
    values.byte(SEPARATOR_BYTE);
    const country = this.#writeCoded(record, FIELD.country, countries, this.#countries);
    values.byte(SEPARATOR_BYTE);
    values.quoted(record, FIELD.city);
    values.byte(SEPARATOR_BYTE);
    values.quoted(record, FIELD.website);
    values.byte(SEPARATOR_BYTE);
    const ownerAt = values.length;
    values.quoted(record, FIELD.ownerId);
    const hasOwner = values.length - ownerAt > NULL_BYTES;
    values.byte(SEPARATOR_BYTE);
    values.quoted(record, FIELD.ownerName);
    const owner = hasOwner ? this.#codeFrom(ownerAt, owners, this.#owners) : 0;
    values.byte(SEPARATOR_BYTE);
    const list = this.#productsOf(record);
    values.reserve(list.length + size + EXTRA_BYTES);
    const products = this.#writeProducts(list);
    values.byte(SEPARATOR_BYTE);
    this.#writeTime(record);
    values.byte(SEPARATOR_BYTE);
    this.#writeFolded(record, size);
    return this.#intern(Number.isNaN(converted) ? arr : converted, industry, country, owner, products);
  }

  /** Adds a reference to the row that is like another but for its products. @returns its slot */
  addWithProducts(slot: number, products: readonly string[]): number {
    const segment = this.#store.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const start = segment.start(place);
    const end = segment.ends[place]!;
    const [from, to] = valueRange(segment.bytes, start, VALUE.products);
    const json = Buffer.from(JSON.stringify(products), 'utf8');
    this.#values.clear();
    this.#values.reserve(end - start + json.length);
    this.#values.copy(segment.bytes, start, from);
    const code = this.#writeProducts(json);
    this.#values.copy(segment.bytes, to, end);
    this.#folded.clear();
    this.#folded.reserve(segment.foldedEnds[place]! - segment.foldedStart(place));
    this.#folded.copy(segment.folded, segment.foldedStart(place), segment.foldedEnds[place]!);
    return this.#intern(
      segment.arr[place]!,
      segment.industry[place]!,
      segment.country[place]!,
      segment.owner[place]!,
      code,
    );
  }

  /** Overwrites what the writer held and gives its references back. */
  close(): void {
    const { industries, countries, owners, products } = this.#store;
    this.#values.release();
    this.#folded.release();
    this.#store.rest();
    for (const code of this.#industries) industries.release(code);
    for (const code of this.#countries) countries.release(code);
    for (const code of this.#owners) owners.release(code);
    for (const code of this.#productSets) products.release(code);
    for (const codes of [this.#industries, this.#countries, this.#owners, this.#productSets]) codes.clear();
    this.#productTexts.clear();
    for (const list of this.#productLists.slice(1)) this.#store.memory.release(list);
    this.#productLists.length = 0;
  }

  #intern(arr: number, industry: number, country: number, owner: number, products: number): number {
    const staged = this.#staged;
    staged.bytes = this.#values.bytes;
    staged.length = this.#values.length;
    staged.folded = this.#folded.bytes;
    staged.foldedLength = this.#folded.length;
    staged.arr = arr;
    staged.industry = industry;
    staged.country = country;
    staged.owner = owner;
    staged.products = products;
    return this.#store.intern(staged);
  }

  #writeId(record: RecordBytes): void {
    const { bytes, fields } = record;
    const start = fields.starts[FIELD.id]!;
    const end = fields.ends[FIELD.id]!;
    if (fields.kinds[FIELD.id] !== KIND.text || end - start !== ID_BYTES) throw new CrmInvalid();
    for (let at = start + 1; at < end - 1; at += 1) if (!isLetterOrDigit(bytes[at]!)) throw new CrmInvalid();
    this.#values.value(record, start, end);
  }

  #writeCoded(record: RecordBytes, field: number, dictionary: Dictionary, met: Set<number>): number {
    const start = this.#values.length;
    this.#values.quoted(record, field);
    return this.#values.length - start === NULL_BYTES ? 0 : this.#codeFrom(start, dictionary, met);
  }

  /** The code of what was written from `start` on; the first time in this pull it takes a reference. */
  #codeFrom(start: number, dictionary: Dictionary, met: Set<number>): number {
    const { bytes, length } = this.#values;
    const known = dictionary.find(bytes, start, length);
    if (known !== 0 && met.has(known)) return known;
    const code = dictionary.intern(bytes, start, length);
    met.add(code);
    return code;
  }

  #writeProducts(json: Buffer): number {
    const start = this.#values.length;
    this.#values.copy(json, 0, json.length);
    const { bytes, length } = this.#values;
    const { products } = this.#store;
    const code = products.intern(bytes, start, length);
    if (this.#productSets.has(code)) products.release(code);
    else if (code !== 0) this.#productSets.add(code);
    return code;
  }

  /** JSON of the products that a field names. */
  #productsOf({ bytes, fields }: RecordBytes): Buffer {
    const kind = fields.kinds[FIELD.products];
    if (kind !== KIND.text && kind !== KIND.escapedText) return NO_PRODUCTS;
    const start = fields.starts[FIELD.products]!;
    const end = fields.ends[FIELD.products]!;
    const known = this.#productTexts.find(bytes, start, end);
    if (known !== 0) return this.#productLists[known]!;
    const json = Buffer.from(JSON.stringify(productNames(decoded(bytes, start, end))), 'utf8');
    const list = this.#store.memory.copy(json, json.length);
    json.fill(0);
    this.#productLists[this.#productTexts.intern(bytes, start, end)] = list;
    return list;
  }

  #writeTime({ bytes, fields }: RecordBytes): void {
    const start = fields.starts[FIELD.modifiedAt]!;
    const end = fields.ends[FIELD.modifiedAt]!;
    const isTime = fields.kinds[FIELD.modifiedAt] === KIND.text && isUtcTime(bytes, start + 1, end - 1);
    if (!isTime) {
      this.#values.null();
      return;
    }
    this.#values.copy(bytes, start, start + TIME_BYTES);
    this.#values.copy(UTC, 0, UTC.length);
  }

  #writeFolded(record: RecordBytes, size: number): void {
    const folded = this.#folded;
    folded.clear();
    folded.reserve(size + EXTRA_BYTES);
    folded.folded(record, FIELD.name);
    folded.byte(LINE_END);
    folded.folded(record, FIELD.city);
    folded.byte(LINE_END);
    folded.folded(record, FIELD.website);
    folded.byte(LINE_END);
    folded.folded(record, FIELD.ownerName);
    folded.byte(ROW_END);
  }
}

function isLetterOrDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Bytes of all values of a record. */
function sizeOf({ fields: { kinds, starts, ends } }: RecordBytes): number {
  let size = 0;
  for (let field = 0; field < kinds.length; field += 1)
    if (kinds[field] !== KIND.none) size += ends[field]! - starts[field]!;
  return size;
}
