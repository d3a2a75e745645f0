import { Type } from 'typebox';
import { Nullable, Words } from '../http/schema.ts';

const Time = Type.String({ format: 'date-time' });

/** A Connection (API.md), for the OpenAPI document. */
export const ConnectionShape = Type.Object({
  provider: Words(['gmail', 'outlook', 'outreach']),
  status: Words(['connected', 'refreshing', 'reconnect', 'waiting_for_admin', 'blocked', 'not_connected']),
  reason: Nullable(Type.String()),
  label: Nullable(Type.String()),
  scopes: Type.Array(Type.String()),
  since: Nullable(Time),
  expiresAt: Nullable(Time),
  action: Nullable(Type.String()),
  adminUrl: Nullable(Type.String()),
});
