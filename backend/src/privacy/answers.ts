import { Type } from '@fastify/type-provider-typebox';
import { Nullable, Words } from '../http/schema.ts';

export const ReceiptShape = Type.Object({
  id: Type.String(),
  state: Words(['running', 'complete']),
  counts: Type.Record(Type.String(), Type.Integer()),
  revocations: Type.Array(
    Type.Object({ provider: Type.String(), result: Words(['revoked', 'no_endpoint', 'needs_rep']) }),
  ),
  backupsGoneAt: Nullable(Type.String()),
  completedAt: Nullable(Type.String()),
  signature: Nullable(Type.String()),
});

export const ErasedShape = Type.Object({ receipt: ReceiptShape });

export const ExportShape = Type.Object({
  schema: Type.String(),
  exportedAt: Type.String(),
  user: Type.Object({}, { additionalProperties: true }),
  connections: Type.Array(Type.Object({}, { additionalProperties: true })),
  activity: Type.Array(Type.Object({}, { additionalProperties: true })),
  sessions: Type.Array(Type.Object({}, { additionalProperties: true })),
  audit: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      at: Type.String(),
      actor: Type.String(),
      action: Type.String(),
      target: Type.String(),
      hash: Type.String(),
    }),
  ),
});

export const KeysShape = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.String(),
      crv: Type.String(),
      alg: Type.String(),
      use: Type.String(),
      kid: Type.String(),
      x: Type.String(),
    }),
  ),
});
