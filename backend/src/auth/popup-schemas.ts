import { Type } from 'typebox';

/** SHA-256 as base64url. */
export const Challenge = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
/** Any text: what is no code of ours is an unknown one, and what is no verifier burns the code (./trips.ts). */
export const Verifier = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description: 'at least 256 random bits: 43 to 128 characters of RFC 7636',
});
export const Code = Type.String({ minLength: 1, maxLength: 1_024 });

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
