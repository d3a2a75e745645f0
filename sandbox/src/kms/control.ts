import type { FastifyInstance } from 'fastify';
import { ControlError } from '../control/control-error.ts';
import { keyActions, keyStates, type KeyAction, type KeyState, type KmsKeys } from './keys.ts';

const text = { type: 'string', minLength: 1 } as const;

/** `/__control/kms`: what tests do to the keys of the KMS stand-in. */
export function kmsControl(app: FastifyInstance, keys: KmsKeys): void {
  app.get('/kms', async () => ({ rows: keys.list() }));
  app.post<{ Body: { keyId: string; region?: string; state?: KeyState; allowed?: boolean; actions?: KeyAction[] } }>(
    '/kms',
    {
      schema: {
        body: {
          type: 'object',
          properties: {
            keyId: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
            region: text,
            state: { enum: [...keyStates] },
            allowed: { type: 'boolean' },
            actions: { type: 'array', items: { enum: [...keyActions] } },
          },
          required: ['keyId'],
          additionalProperties: false,
        },
      },
    },
    async ({ body }) => {
      const known = keys.byId(body.keyId);
      if (known === undefined && body.region === undefined)
        throw new ControlError('region: is required for a key that is not there yet.');
      if (known !== undefined && body.region !== undefined)
        throw new ControlError('region: a key that is there cannot be moved to another one.');
      const key = known ?? keys.add(body.keyId, body.region ?? '');
      if (body.state !== undefined) key.state = body.state;
      if (body.allowed !== undefined) key.allowed = body.allowed;
      if (body.actions !== undefined) key.actions = body.actions;
      return key;
    },
  );
}
