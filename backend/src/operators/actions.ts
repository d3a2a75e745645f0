import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type { Vault } from '../vault/vault.ts';
import type { Act } from './operators.ts';
import { OperatorRefused } from './refused.ts';
import type { Action } from './request.ts';

export interface ActionParts {
  readonly vault: Pick<Vault, 'signingKeys' | 'proofKeys'>;
  readonly audit: Audit;
  readonly auth: Pick<Auth, 'sessions' | 'people'>;
  readonly privacy: Privacy;
}

/** What each action of an operator does. */
export function operatorActions({ vault, audit, auth, privacy }: ActionParts): Readonly<Record<Action, Act>> {
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
