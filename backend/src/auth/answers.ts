import { Type } from 'typebox';
import { ConnectionShape } from '../connections/answers.ts';
import { Words } from '../http/schema.ts';

/** Shapes of auth/'s answers, for the OpenAPI document (API.md). */

const User = Type.Object({
  id: Type.String({ description: 'opaque' }),
  name: Type.String(),
  email: Type.String(),
  isAdmin: Type.Boolean(),
});
const Org = Type.Object({ id: Type.String({ description: 'opaque' }), region: Type.String() });
const Time = Type.String({ format: 'date-time' });

export const SignedInShape = Type.Object({
  token: Type.String({ description: 'JWT: keep it in memory only' }),
  expiresAt: Time,
  user: User,
  org: Org,
});

export const MeShape = Type.Object({
  user: User,
  org: Org,
  settings: Type.Object({
    sessionMinutes: Type.Integer(),
    cache: Type.Object({ enabled: Type.Boolean(), minutes: Type.Integer() }),
    channels: Type.Object({ gmail: Type.Boolean(), outlook: Type.Boolean(), outreach: Type.Boolean() }),
    logSendsToSalesforce: Words(['never', 'ask', 'always']),
  }),
  setUp: Type.Boolean(),
  connections: Type.Array(ConnectionShape),
  expiresAt: Time,
});
