import { Type, type TObject, type TProperties, type TUnsafe } from 'typebox';

/** An object that refuses what it does not name. Every body, query and parameter schema is one (checked at start). */
export function Exact<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false });
}

/** One of a few words. */
export function Words<const Word extends string>(words: readonly Word[], options: object = {}): TUnsafe<Word> {
  return Type.Unsafe<Word>({ type: 'string', enum: [...words], ...options });
}

/** A value that may be `null`, in JSON Schema's own spelling. */
export function Nullable<T>(schema: TUnsafe<T> | { readonly type: string }): TUnsafe<T | null> {
  return Type.Unsafe<T | null>({ anyOf: [schema, { type: 'null' }] });
}

/** The error body of every answer from 400 on (API.md, "Errors"). For the OpenAPI document. */
export const ProblemAnswer = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    field: Type.Optional(Type.String()),
    rule: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
    action: Type.Optional(Words(['reconnect', 'sign_in', 'contact_admin', 'retry'])),
    retryAfter: Type.Optional(Type.Number({ description: 'seconds' })),
    current: Type.Optional(Type.Unknown()),
    reasons: Type.Optional(Type.Array(Type.String())),
    requestId: Type.String(),
  }),
});

/** Answers without a body; for the OpenAPI document, as the next one. */
export const NoContent = Type.Null({ description: 'done' });
export const Redirect = Type.Null({ description: 'to the provider' });

/** What the popup's routes answer, errors too, as `content` of the OpenAPI document. */
export const Page = {
  description: 'an HTML page that posts its message to the page that opened it',
  content: { 'text/html': { schema: Type.String() } },
};

/** Header of calls with an effect outside, which a browser may repeat by itself (API.md, Idempotency-Key). */
export const IdempotencyKeyHeader = Type.Object({
  'idempotency-key': Type.String({ pattern: '^[A-Za-z0-9_-]{22,64}$' }),
});

/** Where the next page of a list begins; opaque. */
export const Cursor = Type.String({ minLength: 1, maxLength: 4_096 });
