import { loginRefusals } from '../salesforce/oauth/sign-in-rules.ts';
import { providerNames } from '../providers.ts';

/** JSON schemas of the control calls: unknown fields and wrong types are refused, nothing is coerced. */

const text = { type: 'string', minLength: 1 } as const;
const flag = { type: 'boolean' } as const;
const provider = { enum: [...providerNames] } as const;

/** An object with exactly these fields. */
function object<const Properties extends Record<string, unknown>>(
  properties: Properties,
  required: (keyof Properties & string)[] = [],
) {
  return { type: 'object', properties, required, additionalProperties: false } as const;
}

export const schemas = {
  records: object(
    {
      object: text,
      upsert: { type: 'array', items: { type: 'object' } },
      delete: { anyOf: [{ const: 'all' }, { type: 'array', items: text }] },
    },
    ['object'],
  ),
  recordsQuery: object({ object: text }, ['object']),
  faults: object(
    {
      provider,
      pathPattern: { ...text, maxLength: 1000 },
      times: { type: 'integer', minimum: 1 },
      status: { type: 'integer', minimum: 200, maximum: 599 },
      body: {},
      headers: {
        type: 'object',
        // Names and values as HTTP takes them (RFC 9110, 5.1 and 5.5).
        patternProperties: { "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$": { type: 'string', pattern: '^[\\t\\x20-\\x7e]*$' } },
        additionalProperties: false,
      },
      latencyMs: { type: 'integer', minimum: 0, maximum: 600_000 },
      drop: { enum: ['before', 'middle', 'after'] },
    },
    ['provider', 'pathPattern', 'times'],
  ),
  tokens: object({ provider, username: text, action: { enum: ['expire', 'revoke'] } }, [
    'provider',
    'username',
    'action',
  ]),
  clients: object(
    {
      provider,
      clientId: text,
      clientSecret: text,
      redirectUris: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^https?://[^#]+$' } },
      rotation: { enum: ['none', 'rotate'] },
      scopes: { type: 'array', items: text },
    },
    ['provider', 'clientId', 'clientSecret', 'redirectUris'],
  ),
  users: object({ username: text, active: flag, permissions: { type: 'array', items: text } }, ['username']),
  access: object({ username: text, object: text, field: text, read: flag, create: flag }, ['username', 'object']),
  schema: object(
    {
      object: text,
      fields: { type: 'array', items: { type: 'object' } },
      remove: { type: 'array', items: text },
    },
    ['object'],
  ),
  org: object({
    organizationId: text,
    appInstalled: flag,
    apiEnabled: flag,
    dailyApiLimit: { type: 'integer', minimum: 0 },
    multiCurrency: flag,
    personAccounts: flag,
    appBlocked: flag,
    adminApprovalRequired: flag,
    loginRefusal: { enum: [...loginRefusals, null] },
  }),
  tenant: object({ provider: { enum: ['microsoft'] }, adminConsent: { enum: ['required', 'granted'] } }, [
    'provider',
    'adminConsent',
  ]),
  clock: object({ offsetMs: { type: 'integer', minimum: -8.64e12, maximum: 8.64e12 } }, ['offsetMs']),
  requestsQuery: object({ provider }),
};
