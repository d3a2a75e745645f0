import { beforeEach, expect, test } from '@jest/globals';
import { createOrg, type SalesforceOrg } from './org.ts';

let org: SalesforceOrg;

beforeEach(() => {
  org = createOrg({ accounts: 20, clock: { now: () => Date.parse('2026-11-24T10:00:00Z') } });
});

test('the same org comes out twice, and reset goes back to it', () => {
  const again = createOrg({ accounts: 20, clock: org.clock });
  for (const object of ['Account', 'Contact', 'Opportunity', 'OpportunityLineItem', 'Asset', 'Individual', 'User']) {
    expect(again.control.list(object)).toEqual(org.control.list(object));
  }
  const before = org.control.list('Contact');
  org.control.remove('Account', 'all');
  org.control.setUser({ username: 'new@demo.example', permissions: ['OneShot_User'] });
  org.control.setSchema({ object: 'Account', remove: ['Industry'] });
  org.control.setOrg({ multiCurrency: false });
  expect(org.control.list('Contact')).toEqual([]);
  org.control.reset();
  expect(org.control.list('Contact')).toEqual(before);
  expect(org.findUser('new@demo.example')).toBeUndefined();
  expect(org.object('Account')?.fields.has('industry')).toBe(true);
  expect(org.flags.multiCurrency).toBe(true);
});

test('records are made and changed, and a bad row changes nothing', () => {
  const [id] = org.control.upsert('Account', [
    { Name: 'Canary', ActiveARR__c: 5, CreatedDate: '2020-01-01T00:00:00Z' },
  ]);
  const read = (): unknown => org.control.list('Account').find((row) => row.Id === id);
  expect(read()).toMatchObject({
    Name: 'Canary',
    ActiveARR__c: 5,
    CreatedDate: '2020-01-01T00:00:00.000+0000',
    IsDeleted: false,
    CurrencyIsoCode: 'USD',
  });
  org.control.upsert('Account', [{ Id: id, Name: 'Changed' }]);
  expect(read()).toMatchObject({ Name: 'Changed', ActiveARR__c: 5 });
  expect(() => org.control.upsert('Account', [{ Id: id, Name: 'Lost' }, { Name: 5 }])).toThrow('upsert[1].Name');
  expect(read()).toMatchObject({ Name: 'Changed' });
  expect(org.control.remove('Account', [id])).toBe(1);
  expect(org.control.remove('Account', [id])).toBe(0);
});

test.each<[string, () => unknown, string]>([
  ['an unknown object', () => org.control.list('Foo'), 'object: the org has no Foo'],
  ['an unknown field', () => org.control.upsert('Account', [{ Foo: 1 }]), 'upsert[0]: Account has no field Foo'],
  ['a formula', () => org.control.upsert('Opportunity', [{ IsWon: true }]), 'a formula'],
  ['a foreign id', () => org.control.upsert('Account', [{ Id: '0035g0000000001AAA' }]), 'upsert[0].Id'],
  ['a bad id', () => org.control.remove('Account', ['x']), 'delete[0]'],
  ['a duplicate', () => org.control.upsert('User', [{ Username: 'REP.one@demo.example' }]), 'upsert[0].Username'],
  [
    'an unknown permission',
    () => org.control.setUser({ username: 'a@b.example', permissions: ['Foo'] }),
    'permissions[0]',
  ],
  ['a bad username', () => org.control.setUser({ username: 'a' }), 'username'],
  ['access of nobody', () => org.control.setAccess({ username: 'a@b', object: 'Account' }), 'username: no user'],
  [
    'access to no field',
    () => org.control.setAccess({ username: 'rep.one@demo.example', object: 'Account', field: 'F' }),
    'field: Account has no F',
  ],
  [
    'a field without type',
    () => org.control.setSchema({ object: 'Account', fields: [{ name: 'X__c' }] }),
    'fields[0].type',
  ],
  [
    'an unknown trait',
    () => org.control.setSchema({ object: 'Account', fields: [{ name: 'X__c', type: 'int', foo: 1 }] }),
    'fields[0].foo',
  ],
  [
    'a trait of wrong type',
    () => org.control.setSchema({ object: 'Account', fields: [{ name: 'X__c', type: 'int', label: 1 }] }),
    'fields[0].label',
  ],
  ['a field that is not there', () => org.control.setSchema({ object: 'Account', remove: ['X__c'] }), 'remove[0]'],
  ['an unknown switch', () => org.control.setOrg(JSON.parse('{"foo":true}') as object), 'foo: no such switch'],
  ['a limit that is none', () => org.control.setOrg({ dailyApiLimit: -1 }), 'dailyApiLimit'],
  ['nobody to show to', () => org.control.upsert('Account', [{ Name: 'x', $visibleTo: ['a@b'] }]), 'no user a@b'],
])('%s is refused with its name', (_name, call, message) => {
  const before = JSON.stringify(org.control.list('Account'));
  expect(call).toThrow(message);
  expect(call).toThrow(expect.objectContaining({ name: 'ControlError' }));
  expect(JSON.stringify(org.control.list('Account'))).toBe(before);
});

test('a field can be added, hold values and go again', () => {
  org.control.setSchema({ object: 'Account', fields: [{ name: 'Paying__c', type: 'currency', label: 'Paying' }] });
  const [id] = org.control.upsert('Account', [{ Name: 'x', Paying__c: 7 }]);
  expect(org.control.list('Account').find((row) => row.Id === id)).toMatchObject({ Paying__c: 7 });
  org.control.setSchema({ object: 'Account', remove: ['Paying__c'] });
  expect(org.control.list('Account')[0]).not.toHaveProperty('Paying__c');
  org.control.setSchema({ object: 'OneShotKey__c', remove: ['OneShotKey__c'] });
  expect(org.object('OneShotKey__c')).toBeUndefined();
});

test('a person is made, changed and read live', () => {
  org.control.setUser({ username: 'third.rep@demo.example', permissions: ['OneShot_User'] });
  const user = org.findUser('THIRD.rep@demo.example');
  expect(user).toMatchObject({ username: 'third.rep@demo.example', active: true, firstName: 'third', lastName: 'rep' });
  expect([...(user?.permissions ?? [])]).toEqual(['OneShot_User']);
  org.control.setUser({ username: 'third.rep@demo.example', active: false, permissions: [] });
  expect(user).toMatchObject({ active: false });
  expect(user?.permissions.size).toBe(0);
  expect(org.userById(user?.id ?? '')).toMatchObject({ id: user?.id });
  expect(org.userById('0055g00000zzzzzAAA')).toBeUndefined();
});
