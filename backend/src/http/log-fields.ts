/**
 * What a log line may hold. Each field has a kind, and a kind has a check that runs on every line: a value that does
 * not pass is dropped and counted, so that a name or an address that slipped past the compiler still stays out. Texts that
 * pass are ASCII without quotes, backslashes and control characters: they stand in JSON as they are.
 */
export interface FieldKind<T> {
  readonly kind: string;
  accepts(value: unknown): value is T;
}

/** Ids of our own making, `org_`, `usr_`, `ses_`, `req_`, `job_`, `rcp_` and 22 base64url characters. */
const OPAQUE_ID = /^(?:org|usr|ses|req|job|rcp)_[A-Za-z0-9_-]{22}$/;

export const opaqueId: FieldKind<string> = {
  kind: 'opaqueId',
  accepts: (value): value is string => typeof value === 'string' && OPAQUE_ID.test(value),
};

/** A whole number that counts things or bytes. */
export const count: FieldKind<number> = {
  kind: 'count',
  accepts: (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** A duration in milliseconds, fractions allowed. */
export const milliseconds: FieldKind<number> = {
  kind: 'milliseconds',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};

export const flag: FieldKind<boolean> = {
  kind: 'flag',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

/** One of a closed list of words that our source spells out. */
export function oneOf<const Words extends readonly string[]>(...words: Words): FieldKind<Words[number]> {
  const known = new Set<string>(words);
  return {
    kind: words.join('|'),
    accepts: (value): value is Words[number] => typeof value === 'string' && known.has(value),
  };
}

/** An error or state code of our own: snake_case, short, never text from outside. */
export const code: FieldKind<string> = {
  kind: 'code',
  accepts: (value): value is string => typeof value === 'string' && /^[a-z][a-z0-9_]{0,40}$/.test(value),
};

/** The pattern of a route as registered (`/v1/accounts/:id`), never the URL that was asked for. */
export const routePattern: FieldKind<string> = {
  kind: 'routePattern',
  accepts: (value): value is string =>
    typeof value === 'string' && /^(?:\/(?:v1|:?[a-zA-Z][a-zA-Z.-]*)?)+$/.test(value) && value.length <= 80,
};

/** An address this process itself listens on. */
export const ownAddress: FieldKind<string> = {
  kind: 'ownAddress',
  accepts: (value): value is string => typeof value === 'string' && /^https?:\/\/[a-zA-Z0-9.:[\]-]{1,255}$/.test(value),
};
