import type { Fields } from '../../salesforce/json-bytes.ts';

/** Numbers of the places where a record's values are put for RowWriter. */
export const FIELD = {
  id: 0,
  name: 1,
  arr: 2,
  currency: 3,
  arrConverted: 4,
  industry: 5,
  country: 6,
  city: 7,
  website: 8,
  ownerId: 9,
  ownerName: 10,
  products: 11,
  modifiedAt: 12,
} as const;

export const FIELD_COUNT = 13;

/** A record as it lies in the page that brought it. A value that the query did not ask for has the kind `none`. */
export interface RecordBytes {
  readonly bytes: Buffer;
  /** The same bytes, to be copied by words. */
  readonly view: DataView;
  readonly fields: Fields;
}
