import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { SignInFailed } from '../../test/sign-in.ts';

/** The package as a managed one: Salesforce puts its namespace in front of everything that is ours. */
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    SANDBOX_ACCOUNTS: '20',
    SANDBOX_PACKAGE_NAMESPACE: 'oneshotai',
    PACKAGE_NAMESPACE: 'oneshotai',
  });
}, 240_000);
afterAll(() => stack.close());

test('permissions, region record and permission sets are found under the namespace', async () => {
  const admin = await stack.signIn('admin@demo.example');
  expect(admin.user.isAdmin).toBe(true);
  const { version, settings } = (await admin.get('/v1/settings')).body;
  expect((await admin.put('/v1/settings', { version, settings })).status).toBe(200);
  const records = await stack.sandbox.records('oneshotai__OneShotOrg__c');
  expect(records.map(({ oneshotai__HomeRegion__c: region }) => region)).toEqual(['us']);
  const rows = (await admin.get('/v1/setup/checklist')).body.rows as unknown as readonly {
    id: string;
    state: string;
  }[];
  const states = Object.fromEntries(rows.map(({ id, state }) => [id, state]));
  expect(states).toMatchObject({ rep_permission_set: 'ok', home_region: 'ok', key_object: 'ok' });
  await stack.signIn('rep.one@demo.example');
});

test('a region that the namespaced record names elsewhere is obeyed', async () => {
  await stack.sandbox.delete('oneshotai__OneShotOrg__c', 'all');
  await stack.sandbox.upsert('oneshotai__OneShotOrg__c', [{ oneshotai__HomeRegion__c: 'eu' }]);
  await expect(stack.signIn('rep.one@demo.example')).rejects.toMatchObject({ status: 421 });
  await stack.sandbox.reset();
});

test('a permission of the same name without the namespace counts for nothing', async () => {
  const plain = await stack.restart({ PACKAGE_NAMESPACE: 'another' });
  const refused = await plain.signIn('rep.one@demo.example').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SignInFailed);
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'permission_missing' } } });
});
