import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '../../test/connect.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { withKeys } from '../../test/rotating.ts';
import type { Answer, RepClient } from '../../test/sign-in.ts';

let stack: Stack;
let databases: TestDatabases;
const ONE = 'rep.one@demo.example';
const TWO = 'rep.two@demo.example';
const ADMIN = 'admin@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });

interface KeyRow {
  readonly version: string;
  readonly isNewest: boolean;
  readonly envelopes: number;
}

const rowsOf = ({ body }: Answer): readonly KeyRow[] => body.rows as unknown as readonly KeyRow[];

/** Connections whose tokens lie under that half of ours. */
function tokensUnder(half: string): Promise<number> {
  return databases.main.collection('connections').countDocuments({ 'halves.ours': half });
}

async function isConnected(rep: RepClient): Promise<boolean> {
  const rows = (await rep.get('/v1/connections')).body.rows as unknown as readonly {
    readonly status: string;
    readonly label: string;
  }[];
  return rows[0]?.status === 'connected' && rows[0].label === rep.user.email;
}

describe('rotating an org’s data key', () => {
  test('is for admins whose password was just asked for', async () => {
    expect(problem(await (await stack.signIn(ONE)).get('/v1/admin/keys'))).toEqual({ status: 403, code: 'not_admin' });
    const admin = await stack.signIn(ADMIN);
    expect(problem(await admin.post('/v1/admin/keys/rotate'))).toEqual({
      status: 403,
      code: 'reauthentication_required',
    });
  });

  test('seals everything again, needs no rep, and deletes the old key only when nothing uses it', async () => {
    const reps = [await stack.signIn(ONE), await stack.signIn(TWO)];
    for (const rep of reps) await connect(rep, 'gmail');
    const admin = await stack.signIn(ADMIN, { reauth: true });
    const before = rowsOf(await admin.get('/v1/admin/keys'));
    expect(before).toMatchObject([{ kind: 'data_key', version: 'd1', isNewest: true }]);
    expect(before[0]?.envelopes).toBeGreaterThanOrEqual(10);

    // The whole org's, whatever page of people somebody looks at.
    expect((await admin.get('/v1/admin/keys')).body.keySwitch).toEqual({ connections: 2, people: 2 });

    // Looked at here: a sign-in of before moves the tokens too, where its keys are looked for only behind the rotation.
    expect(await tokensUnder('h1')).toBe(2);
    const started = await admin.post('/v1/admin/keys/rotate');
    expect(started.status).toBe(202);
    expect(started.body.job).toMatchObject({ state: 'running', version: 'd2' });
    await until('all lies under the new key', async () => {
      const [old, fresh] = rowsOf(await admin.get('/v1/admin/keys'));
      return old?.envelopes === 0 && (fresh?.envelopes ?? 0) >= (before[0]?.envelopes ?? 0);
    });
    // While another process may still seal under it, the old key stays.
    expect(rowsOf(await admin.get('/v1/admin/keys')).map(({ version }) => version)).toEqual(['d1', 'd2']);
    expect(await Promise.all(reps.map(isConnected))).toEqual([true, true]);

    await withKeys(stack, ({ rotation }) => rotation.work());
    const after = await admin.get('/v1/admin/keys');
    expect(rowsOf(after).map(({ version }) => version)).toEqual(['d2']);
    expect(after.body.job).toMatchObject({ state: 'done', version: 'd2', finishedAt: expect.any(String) });
    expect(await Promise.all(reps.map(isConnected))).toEqual([true, true]);
    expect((await reps[0]?.get('/v1/me'))?.body.user).toMatchObject({ email: ONE });
  }, 240_000);

  test('gives each rep a new half of ours, to which their tokens move at the next sign-in', async () => {
    const later = [await stack.signIn(ONE), await stack.signIn(TWO)];
    await until('both moved', async () => (await tokensUnder('h1')) === 0 && (await tokensUnder('h2')) === 2);
    expect(await Promise.all(later.map(isConnected))).toEqual([true, true]);
    // The old half goes once no refresh can have read it as the newest.
    const user = { _id: later[0]?.user.id } as object;
    await databases.main.collection('users').updateOne(user, { $set: { 'halves.1.addedAt': new Date(0) } });
    await stack.signIn(ONE);
    await until('the old half is gone', async () => {
      const stored = (await databases.main.collection('users').findOne(user)) as {
        readonly halves?: readonly { readonly version: string }[];
      } | null;
      return stored?.halves?.map(({ version }) => version).join() === 'h2';
    });
    expect(await Promise.all(later.map(isConnected))).toEqual([true, true]);
  }, 240_000);

  test('is in the audit trail', async () => {
    const entries = await databases.main.collection('auditEntries').find({ action: 'keys_rotated' }).toArray();
    expect(entries).toHaveLength(1);
  });
});
