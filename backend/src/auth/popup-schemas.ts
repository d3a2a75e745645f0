import { Type } from 'typebox';

/** SHA-256 as base64url; a verifier is at least 256 random bits, at most what RFC 7636 allows. */
export const Challenge = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
export const Verifier = Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$' });
export const Code = Type.String({ pattern: '^[A-Za-z0-9_-]{22,128}$' });

/** What a provider adds to its redirect is not ours to refuse (RFC 6749, 4.1.2). */
export const CallbackQuery = Type.Object(
  {
    state: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
    error_description: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);

export const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{22,64}$' })),
});
