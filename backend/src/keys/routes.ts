import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { preHandlerAsyncHookHandler } from 'fastify';
import { requireAdmin } from '../auth/guard.ts';
import { Nullable, Words } from '../http/schema.ts';
import type { KeyRotation } from './rotation.ts';

const Time = Type.String({ format: 'date-time' });

/** What deleting all of the org's key records would make unreadable (DESIGN 6, two halves). */
export interface KeySwitch {
  readonly connections: number;
  readonly people: number;
}

const KeysAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      kind: Words(['data_key']),
      version: Type.String(),
      isNewest: Type.Boolean(),
      envelopes: Type.Integer({ description: 'how many sealed values lie under it' }),
    }),
  ),
  job: Nullable(
    Type.Object({
      id: Type.String(),
      state: Words(['running', 'done']),
      version: Type.String(),
      changed: Type.Integer(),
      startedAt: Time,
      finishedAt: Nullable(Time),
    }),
  ),
});

const KeysAndSwitchAnswer = Type.Object({
  ...KeysAnswer.properties,
  keySwitch: Type.Object(
    { connections: Type.Integer(), people: Type.Integer() },
    { description: 'what deleting all key records of the org would make unreadable' },
  ),
});

export interface KeyRoutesOptions {
  readonly rotation: KeyRotation;
  readonly requireFreshAdmin: preHandlerAsyncHookHandler;
  readonly keySwitch: (orgId: string) => Promise<KeySwitch>;
  /** Called before anything is rotated; stored when it returns. */
  readonly onRotated: (orgId: string, userId: string) => Promise<void>;
}

/** The org's keys, for its admins. Source: API.md. */
export const keyRoutes: FastifyPluginAsyncTypebox<KeyRoutesOptions> = async (app, options) => {
  const { rotation, requireFreshAdmin, keySwitch, onRotated } = options;

  app.get(
    '/v1/admin/keys',
    { onRequest: requireAdmin, schema: { answers: { 200: KeysAndSwitchAnswer } } },
    async ({ rep: { orgId } }) => {
      const [view, counted] = await Promise.all([rotation.view(orgId), keySwitch(orgId)]);
      return { ...view, keySwitch: counted };
    },
  );

  app.post(
    '/v1/admin/keys/rotate',
    { onRequest: requireAdmin, preHandler: requireFreshAdmin, schema: { answers: { 202: KeysAnswer }, errors: [502] } },
    async ({ rep }, reply) => {
      await onRotated(rep.orgId, rep.userId);
      await rotation.start(rep.orgId, rep.userId);
      return reply.code(202).send(await rotation.view(rep.orgId));
    },
  );
};
