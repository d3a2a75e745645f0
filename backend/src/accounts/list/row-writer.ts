import { KIND } from '../../salesforce/json-bytes.ts';
import { CrmInvalid } from '../../salesforce/errors.ts';
import { isUtcTime, productNames } from '../values.ts';
import { Dictionary } from './dictionary.ts';
import { MetCodes } from './met-codes.ts';
import { FIELD, type RecordBytes } from './record-fields.ts';
import { decoded, EMPTY_TEXT_BYTES, RowBytes } from './row-bytes.ts';
import type { RowStore } from './row-store.ts';
import { CONVERTED_CURRENCY, ID_BYTES, OWN, OWN_NAMES, OWNER_NAME, plainText, quoted } from './row-text.ts';
import { SEGMENT_ROWS, type StagedRow } from './segment.ts';

const LINE_END = 0x0a;
const ROW_END = 0x00;
/** Of `"2026-11-24T12:00:00.000` without what says that it is UTC. */
const TIME_BYTES = 24;
const UTC = plainText('Z"');
const NULLS = 64;
/** What a row's own text has besides the values of its record. */
const EXTRA_BYTES = OWN_NAMES + NULLS;
const BETWEEN = { currencies: plainText(CONVERTED_CURRENCY), ownerTexts: plainText(OWNER_NAME) };
/** Of two `null`s and what stands between values. */
const EXTRA_SHARED_BYTES = 64;

/** Copies the rows of one pull into the store. It holds references to the codes that it met until `close`. */
export class RowWriter {
  readonly #store: RowStore;
  readonly #own: RowBytes;
  /** One value after the other, of those that rows share. */
  readonly #shared: RowBytes;
  readonly #folded: RowBytes;
  /** JSON of what converted amounts are in. */
  readonly #ownCurrency: Buffer;
  /** One object for all rows. */
  readonly #staged: { -readonly [Part in keyof StagedRow]: StagedRow[Part] };
  readonly #currencies: MetCodes;
  readonly #industries: MetCodes;
  readonly #countries: MetCodes;
  readonly #owners: MetCodes;
  readonly #products: MetCodes;
  /** Texts of the field that names products, as they came, and the code of the list that each means. */
  readonly #productTexts: Dictionary;
  readonly #productCodes: number[] = [];

  /** @param ownCurrency what converted amounts are in */
  constructor(store: RowStore, ownCurrency: string | null) {
    this.#store = store;
    this.#own = new RowBytes(store.memory);
    this.#shared = new RowBytes(store.memory);
    this.#folded = new RowBytes(store.memory);
    this.#ownCurrency = Buffer.from(quoted(ownCurrency), 'utf8');
    this.#currencies = new MetCodes(store.currencies);
    this.#industries = new MetCodes(store.industries);
    this.#countries = new MetCodes(store.countries);
    this.#owners = new MetCodes(store.owners);
    this.#products = new MetCodes(store.products);
    this.#productTexts = new Dictionary(store.memory);
    const bytes = Buffer.alloc(0);
    const codes = { currency: 0, industry: 0, country: 0, owner: 0, products: 0 };
    const view = new DataView(new ArrayBuffer(0));
    this.#staged = { bytes, view, length: 0, folded: bytes, foldedLength: 0, arr: 0, ...codes };
  }

  /** Adds a reference to the row of a record. @returns its slot @throws CrmInvalid it has no id */
  add(record: RecordBytes): number {
    const own = this.#own;
    const staged = this.#staged;
    const size = sizeOf(record);
    own.clear();
    own.reserve(size + EXTRA_BYTES);
    own.plain(OWN.id);
    this.#writeId(record);
    own.plain(OWN.name);
    own.quoted(record, FIELD.name);
    own.plain(OWN.arr);
    const arr = own.number(record, FIELD.arr);
    own.plain(OWN.arrConverted);
    const converted = own.number(record, FIELD.arrConverted);
    own.plain(OWN.city);
    own.quoted(record, FIELD.city);
    own.plain(OWN.website);
    own.quoted(record, FIELD.website);
    own.plain(OWN.modifiedAt);
    this.#writeTime(record);
    this.#writeFolded(record, size);
    this.#shared.reserve(size + this.#ownCurrency.length + EXTRA_SHARED_BYTES);
    staged.arr = Number.isNaN(converted) ? arr : converted;
    staged.currency = this.#currencyOf(record, !Number.isNaN(converted));
    staged.industry = this.#codeOf(record, FIELD.industry, this.#industries);
    staged.country = this.#codeOf(record, FIELD.country, this.#countries);
    staged.owner = this.#ownerOf(record);
    staged.products = this.#productsOf(record);
    return this.#intern();
  }

  /** Adds a reference to the row that is like another but for its products. @returns its slot */
  addWithProducts(slot: number, products: readonly string[]): number {
    const segment = this.#store.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const staged = this.#staged;
    this.#own.set(segment.bytes, segment.start(place), segment.ends[place]!);
    this.#folded.set(segment.folded, segment.foldedStart(place), segment.foldedEnds[place]!);
    staged.arr = segment.arr[place]!;
    staged.currency = segment.currency[place]!;
    staged.industry = segment.industry[place]!;
    staged.country = segment.country[place]!;
    staged.owner = segment.owner[place]!;
    staged.products = this.#codeOfProducts(products);
    return this.#intern();
  }

  /** Overwrites what the writer held and gives its references back. */
  close(): void {
    for (const bytes of [this.#own, this.#shared, this.#folded]) bytes.release();
    this.#store.rest();
    for (const met of [this.#currencies, this.#industries, this.#countries, this.#owners, this.#products])
      met.release();
    this.#productTexts.clear();
    this.#productCodes.length = 0;
  }

  #intern(): number {
    const staged = this.#staged;
    staged.bytes = this.#own.bytes;
    staged.view = this.#own.view;
    staged.length = this.#own.length;
    staged.folded = this.#folded.bytes;
    staged.foldedLength = this.#folded.length;
    return this.#store.intern(staged);
  }

  #writeId(record: RecordBytes): void {
    const { bytes, fields } = record;
    const start = fields.starts[FIELD.id]!;
    const end = fields.ends[FIELD.id]!;
    if (fields.kinds[FIELD.id] !== KIND.text || end - start !== ID_BYTES + 2) throw new CrmInvalid();
    for (let at = start + 1; at < end - 1; at += 1) if (!isLetterOrDigit(bytes[at]!)) throw new CrmInvalid();
    this.#own.value(record, start, end);
  }

  /** The code of a text that many rows have; 0 for none. */
  #codeOf(record: RecordBytes, field: number, codes: MetCodes): number {
    const { bytes, fields } = record;
    const start = fields.starts[field]!;
    const end = fields.ends[field]!;
    if (fields.kinds[field] === KIND.text) return end - start > EMPTY_TEXT_BYTES ? codes.of(bytes, start, end) : 0;
    if (fields.kinds[field] !== KIND.escapedText) return 0;
    const shared = this.#shared;
    shared.clear();
    shared.quoted(record, field);
    return codes.of(shared.bytes, 0, shared.length);
  }

  /** The code of both currencies: the amount's own, and that of the converted amount if there is one. */
  #currencyOf(record: RecordBytes, isConverted: boolean): number {
    const shared = this.#shared;
    shared.clear();
    const hasCurrency = shared.quoted(record, FIELD.currency);
    shared.plain(BETWEEN.currencies);
    if (isConverted) shared.copy(this.#ownCurrency, 0, this.#ownCurrency.length);
    else shared.null();
    return hasCurrency || isConverted ? this.#currencies.of(shared.bytes, 0, shared.length) : 0;
  }

  #ownerOf(record: RecordBytes): number {
    const shared = this.#shared;
    shared.clear();
    const hasId = shared.quoted(record, FIELD.ownerId);
    shared.plain(BETWEEN.ownerTexts);
    const hasName = shared.quoted(record, FIELD.ownerName);
    return hasId || hasName ? this.#owners.of(shared.bytes, 0, shared.length) : 0;
  }

  /** The code of the products that a field names. */
  #productsOf({ bytes, fields }: RecordBytes): number {
    const kind = fields.kinds[FIELD.products];
    if (kind !== KIND.text && kind !== KIND.escapedText) return 0;
    const start = fields.starts[FIELD.products]!;
    const end = fields.ends[FIELD.products]!;
    const known = this.#productTexts.find(bytes, start, end);
    if (known !== 0) return this.#productCodes[known]!;
    const code = this.#codeOfProducts(productNames(decoded(bytes, start, end)));
    this.#productCodes[this.#productTexts.intern(bytes, start, end)] = code;
    return code;
  }

  #codeOfProducts(products: readonly string[]): number {
    const shared = this.#shared;
    shared.clear();
    shared.text(JSON.stringify(products));
    return this.#products.of(shared.bytes, 0, shared.length);
  }

  #writeTime(record: RecordBytes): void {
    const { bytes, fields } = record;
    const start = fields.starts[FIELD.modifiedAt]!;
    const end = fields.ends[FIELD.modifiedAt]!;
    const isTime = fields.kinds[FIELD.modifiedAt] === KIND.text && isUtcTime(bytes, start + 1, end - 1);
    if (!isTime) {
      this.#own.null();
      return;
    }
    this.#own.value(record, start, start + TIME_BYTES);
    this.#own.plain(UTC);
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
