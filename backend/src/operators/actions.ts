import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type { Membership } from '../database/deployment.ts';
import type { KeyRotation } from '../keys/rotation.ts';
import { moveMasterKey } from '../vault/move-master-key.ts';
import type { Vault } from '../vault/vault.ts';
import type { Act, Outcome } from './operators.ts';
import { OperatorRefused } from './refused.ts';
import type { Action } from './request.ts';

export interface ActionParts {
  readonly vault: Pick<Vault, 'signingKeys' | 'proofKeys' | 'masterKey' | 'previousMasterKey' | 'wrapped'>;
  readonly rotation: KeyRotation;
  readonly membership: Pick<Membership, 'othersWithout'>;
  readonly audit: Audit;
  readonly auth: Pick<Auth, 'sessions' | 'people'>;
  readonly privacy: Privacy;
}

/** What each action of an operator does. */
export function operatorActions(parts: ActionParts): Readonly<Record<Action, Act>> {
  const { vault, rotation, audit, auth, privacy } = parts;
  const trails = async (target: string): Promise<readonly string[]> =>
    target === 'region' ? audit.trails() : [target];
  return {
    'erase-org': async (orgId) => ({ receipt: await privacy.erasure.erase({ orgId }) }),
    'erase-user': async (target) => {
      const [orgId = '', userId = ''] = target.split('/');
      if (!(await auth.people.exists(orgId, userId))) throw new OperatorRefused('target', 'There is no such user.');
      return { receipt: await privacy.erasure.erase({ orgId, userId }) };
    },
    'revoke-all': async (target) => {
      const startedAt = performance.now();
      const sessions = target === 'region' ? await auth.sessions.endEverything() : await auth.sessions.endAll(target);
      // Every process reads revocations each second and refuses requests when it could not for five.
      return { sessions, ms: Math.round(performance.now() - startedAt), effectiveWithinMs: 5_000 };
    },
    'rotate-signing-key': async () => ({ kid: await vault.signingKeys.rotate() }),
    'rotate-proof-key': async () => ({ kid: await vault.proofKeys.rotate() }),
    'rotate-data-key': async (target, actor) => {
      const orgId = target === 'region' ? undefined : target;
      const done = await rotation.startAll(orgId, actor, (org) =>
        audit.append({ orgId: org, actor, action: 'keys_rotated', target: 'data_key' }),
      );
      if (orgId !== undefined && done.orgs === 0) throw new OperatorRefused('target', 'There is no such org.');
      return { ...done };
    },
    'move-master-key': async () => moveKeys(parts),
    'verify-audit': async (target) => {
      const broken: Record<string, number> = {};
      const all = await trails(target);
      for (const orgId of all) {
        const brokenAt = await audit.firstBroken(orgId);
        if (brokenAt !== null) broken[orgId] = brokenAt;
      }
      return { trails: all.length, verified: Object.keys(broken).length === 0, brokenAt: broken };
    },
    'export-audit': async (target) => ({ trail: await audit.exported(target) }),
    'resume-sending': async () => ({ resumed: await privacy.restore.resumeSending() }),
  };
}

/** Moves what the master key before wrapped to the one that the settings name, until nothing is left under another. */
async function moveKeys({ vault, membership }: ActionParts): Promise<Outcome> {
  const { masterKey: to, previousMasterKey: from, wrapped: places } = vault;
  if (from === undefined)
    throw new OperatorRefused('no_previous_key', 'KMS_PREVIOUS_KEY_ID is not set: there is no key to move from.');
  // A process that cannot open the new key would refuse its orgs from this moment on.
  const behind = await membership.othersWithout(to.id);
  if (behind > 0)
    throw new OperatorRefused(
      'processes_behind',
      `${behind} processes run that do not open the new master key: restart them with KMS_KEY_ID and KMS_PREVIOUS_KEY_ID first.`,
    );
  const total: Record<string, number> = {};
  for (;;) {
    const { moved, changedMeanwhile, isComplete } = await moveMasterKey({ places, from, to });
    for (const [purpose, count] of Object.entries(moved)) total[purpose] = (total[purpose] ?? 0) + count;
    const count = Object.values(moved).reduce((sum, one) => sum + one, 0);
    if (changedMeanwhile === 0 && (count === 0 || isComplete))
      return { moved: total, from: from.id, to: to.id, complete: isComplete };
  }
}
