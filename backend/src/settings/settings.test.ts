import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { startStack, until, type Stack } from '../../test/harness.ts';
import type { Json, RepClient } from '../../test/sign-in.ts';
import { orgModel } from '../database/org-model.ts';
import type { OrgSettings } from './settings.ts';
import { SettingsStore } from './store.ts';

let stack: Stack;
let admin: RepClient;

beforeAll(async () => {
  stack = await startStack();
  admin = await stack.signIn('admin@demo.example');
}, 240_000);
afterAll(() => stack.close());

interface Versioned {
  readonly version: number;
  readonly settings: OrgSettings;
}

const current = async (): Promise<Versioned> => (await admin.get('/v1/settings')).body as unknown as Versioned;

async function save(change: object, version?: number): ReturnType<RepClient['put']> {
  const now = await current();
  return admin.put('/v1/settings', { version: version ?? now.version, settings: { ...now.settings, ...change } });
}

test('an org whose admin saved nothing has the defaults of the design, as version 0', async () => {
  expect(await current()).toEqual({
    version: 0,
    settings: {
      payingField: 'ActiveARR__c',
      products: { source: 'none' },
      sessionMinutes: 60,
      cache: { enabled: true, minutes: 60 },
      logSendsToSalesforce: 'ask',
      channels: { gmail: true, outlook: true, outreach: true },
      mailFooterTemplateId: null,
      sendsPerRepAndDay: 200,
      activityDays: 730,
      homeRegion: 'us',
    },
  });
});

test('the first save stores the whole, writes the home region into Salesforce once, and leaves an audit entry', async () => {
  const saved = await save({ payingField: 'Annual_Contract__c', sessionMinutes: 30 });
  expect(saved.status).toBe(200);
  expect(saved.body).toMatchObject({ version: 1, settings: { payingField: 'Annual_Contract__c', sessionMinutes: 30 } });
  await save({ payingField: 'ActiveARR__c' });
  const records = await stack.sandbox.records('OneShotOrg__c');
  expect(records.map(({ HomeRegion__c }) => HomeRegion__c)).toEqual(['us']);
  const trail = (await admin.get('/v1/audit')).body;
  expect(trail).toMatchObject({ verified: true, brokenAt: null });
  expect((trail.rows as unknown as readonly Json[]).map(({ action }) => action)).toEqual([
    'settings_saved',
    'settings_saved',
    'signed_in',
  ]);
  expect(stack.backend.lines).toContainEqual(
    expect.objectContaining({ event: 'settingsSaved', org: admin.org.id, rep: admin.user.id, version: 1 }),
  );
});

test('who saves over a newer version is told what holds now, and nothing is lost', async () => {
  const before = await current();
  const answer = await save({ sessionMinutes: 45 }, before.version - 1);
  expect(answer.status).toBe(409);
  expect(answer.body.error).toMatchObject({ code: 'version_conflict', current: before });
  expect(await current()).toEqual(before);
});

test('of two saves of the same version one wins', async () => {
  const { version } = await current();
  const answers = await Promise.all([save({ sessionMinutes: 50 }, version), save({ sessionMinutes: 51 }, version)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

describe('a setting that is wrong is named with its rule, and nothing is saved', () => {
  let before: Versioned;
  beforeEach(async () => {
    before = await current();
  });

  test.each<[string, object, string, string]>([
    ['text for a number', { sessionMinutes: '60' }, 'settings.sessionMinutes', 'type'],
    ['a fraction', { sessionMinutes: 60.5 }, 'settings.sessionMinutes', 'type'],
    ['a session of 4 minutes', { sessionMinutes: 4 }, 'settings.sessionMinutes', 'minimum'],
    ['a session of 721 minutes', { sessionMinutes: 721 }, 'settings.sessionMinutes', 'maximum'],
    ['61 minutes of cache', { cache: { enabled: true, minutes: 61 } }, 'settings.cache.minutes', 'maximum'],
    ['no minutes of cache', { cache: { enabled: true, minutes: 0 } }, 'settings.cache.minutes', 'minimum'],
    ['a cache without its switch', { cache: { minutes: 5 } }, 'settings.cache.enabled', 'required'],
    ['a number for a switch', { cache: { enabled: 1, minutes: 5 } }, 'settings.cache.enabled', 'type'],
    ['an unknown word', { logSendsToSalesforce: 'Always' }, 'settings.logSendsToSalesforce', 'enum'],
    [
      'an unknown channel',
      { channels: { gmail: true, outlook: true, outreach: true, fax: true } },
      'settings.channels.fax',
      'unknown',
    ],
    ['an unknown setting', { payingfield: 'X__c' }, 'settings.payingfield', 'unknown'],
    [
      'a field that is SOQL',
      { payingField: "Id FROM User WHERE Name LIKE '\\' --" },
      'settings.payingField',
      'field_name',
    ],
    ['a path instead of a field', { payingField: 'Owner.Name' }, 'settings.payingField', 'field_name'],
    ['an endless field', { payingField: 'A'.repeat(81) }, 'settings.payingField', 'max_length'],
    ['a path through a parent', { payingField: 'Parent.ActiveARR__c' }, 'settings.payingField', 'field_name'],
    ['a relationship for a field', { payingField: 'Parent__r' }, 'settings.payingField', 'filterable_number'],
    ['minus one minute of cache', { cache: { enabled: true, minutes: -1 } }, 'settings.cache.minutes', 'minimum'],
    ['61 minutes of cache', { cache: { enabled: true, minutes: 61 } }, 'settings.cache.minutes', 'maximum'],
    ['a billion minutes of cache', { cache: { enabled: true, minutes: 1e9 } }, 'settings.cache.minutes', 'maximum'],
    ['half a minute of cache', { cache: { enabled: true, minutes: 0.5 } }, 'settings.cache.minutes', 'type'],
    ['a billion minutes of session', { sessionMinutes: 1e9 }, 'settings.sessionMinutes', 'maximum'],
    ['a field that is not there', { payingField: 'Nowhere__c' }, 'settings.payingField', 'filterable_number'],
    ['a field that is no number', { payingField: 'Name' }, 'settings.payingField', 'filterable_number'],
    ['a product field without a name', { products: { source: 'accountField' } }, 'settings.products.field', 'required'],
    [
      'a product field that is a number',
      { products: { source: 'accountField', field: 'ActiveARR__c' } },
      'settings.products.field',
      'filterable_text',
    ],
    [
      'a product field with another source',
      { products: { source: 'none', field: 'Industry' } },
      'settings.products.field',
      'account_field_only',
    ],
    ['an unknown product source', { products: { source: 'invoices' } }, 'settings.products.source', 'enum'],
    ['29 days of activity', { activityDays: 29 }, 'settings.activityDays', 'minimum'],
    ['3651 days of activity', { activityDays: 3_651 }, 'settings.activityDays', 'maximum'],
    ['no sends', { sendsPerRepAndDay: 0 }, 'settings.sendsPerRepAndDay', 'minimum'],
    [
      'a template id of an account',
      { mailFooterTemplateId: '001000000000001AAA' },
      'settings.mailFooterTemplateId',
      'crm_id',
    ],
    [
      'a template id with a wrong checksum',
      { mailFooterTemplateId: '00X000000000001EAB' },
      'settings.mailFooterTemplateId',
      'crm_id',
    ],
    [
      'a template that is not there',
      { mailFooterTemplateId: '00X000000000001EAA' },
      'settings.mailFooterTemplateId',
      'exists',
    ],
    ['a region that is none', { homeRegion: 'mars' }, 'settings.homeRegion', 'enum'],
  ])('%s', async (_what, change, field, rule) => {
    const answer = await save(change);
    expect(answer.body.error).toMatchObject({ code: 'invalid', field, rule });
    expect(answer.status).toBe(400);
    expect(await current()).toEqual(before);
  });

  test('another home region without a fresh sign-in', async () => {
    const answer = await save({ homeRegion: 'eu' });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'reauthentication_required']);
    expect(await current()).toEqual(before);
  });

  test.each<[string, unknown, string, string]>([
    ['no version', { settings: {} }, 'version', 'required'],
    ['a version below 0', { version: -1, settings: {} }, 'version', 'minimum'],
    ['a setting left out', { version: 0, settings: {} }, 'settings.payingField', 'required'],
    ['more than version and settings', { version: 0, settings: {}, extra: 1 }, 'extra', 'unknown'],
    ['a list', [], 'body', 'type'],
    ['nothing', undefined, 'body', 'type'],
  ])('a body with %s', async (_what, body, field, rule) => {
    const answer = await admin.put('/v1/settings', body);
    expect(answer.body.error).toMatchObject({ code: 'invalid', field, rule });
  });
});

test('the fields to choose from are numbers and texts of the live Account, counted on request', async () => {
  const { body, status } = await admin.get('/v1/settings/fields?count=Annual_Contract__c');
  expect(status).toBe(200);
  const paying = body.paying as unknown as readonly Json[];
  expect(paying).toContainEqual(expect.objectContaining({ name: 'ActiveARR__c', type: 'currency' }));
  expect(paying.map(({ type }) => type)).not.toContain('string');
  expect((body.products as unknown as readonly Json[]).map(({ name }) => name)).toContain('Industry');
  const accounts = await stack.sandbox.records('Account');
  expect(body.count).toBe(
    accounts.filter(({ Annual_Contract__c: value }) => typeof value === 'number' && value > 0).length,
  );
  const most = accounts.filter(({ Annual_Contract__c: value }) => typeof value === 'number').map(({ Name }) => Name);
  expect(body.examples).toHaveLength(3);
  for (const name of body.examples as unknown as readonly string[]) expect(most).toContain(name);
  expect((await admin.get('/v1/settings/fields')).body).not.toHaveProperty('count');
});

test.each(['Name', 'Nowhere__c', "'", 'Id) FROM User --', 'ActiveARR__c&count=ActiveARR__c', ''])(
  'a field to count that is none of them is refused: %s',
  async (name) => {
    const answer = await admin.get(`/v1/settings/fields?count=${name}`);
    expect([answer.status, answer.body.error?.field]).toEqual([400, 'count']);
  },
);

describe('a paying field of a special kind', () => {
  const LONG = `${'A'.repeat(40)}__c`;

  test.each<[string, Json]>([
    ['text', { name: 'Odd__c', type: 'string' } as unknown as Json],
    ['encrypted', { name: 'Odd__c', type: 'encryptedstring' } as unknown as Json],
    ['a number that cannot be filtered by', { name: 'Odd__c', type: 'double', filterable: false } as unknown as Json],
    ['a date', { name: 'Odd__c', type: 'date' } as unknown as Json],
  ])('%s is refused', async (_what, made) => {
    await stack.sandbox.schema('Account', { fields: [made] });
    const before = await current();
    const answer = await save({ payingField: 'Odd__c' });
    expect([answer.status, answer.body.error?.rule]).toEqual([400, 'filterable_number']);
    expect(await current()).toEqual(before);
    await stack.sandbox.schema('Account', { remove: ['Odd__c'] });
  });

  test.each(['acme__Score__c', LONG, `acmecorp1234567__${'B'.repeat(40)}__c`])('%s is taken', async (name) => {
    await stack.sandbox.schema('Account', { fields: [{ name, type: 'currency' }] });
    const answer = await save({ payingField: name });
    expect([answer.status, answer.body.settings?.payingField]).toEqual([200, name]);
    await save({ payingField: 'ActiveARR__c' });
    await stack.sandbox.schema('Account', { remove: [name] });
  });
});

test('two admins at once: one saves, the other sees what holds now and loses nothing', async () => {
  const now = await current();
  const both = await Promise.all([
    admin.put('/v1/settings', { version: now.version, settings: { ...now.settings, sessionMinutes: 41 } }),
    admin.put('/v1/settings', { version: now.version, settings: { ...now.settings, sessionMinutes: 42 } }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [won, lost] = both[0].status === 200 ? both : [both[1], both[0]];
  expect(lost.body.error).toMatchObject({ code: 'version_conflict', current: won.body });
  await save({ sessionMinutes: 60 });
});

describe('the home region, changed by hand in Salesforce', () => {
  const named = async (...regions: readonly string[]): Promise<void> => {
    await stack.sandbox.delete('OneShotOrg__c', 'all');
    await stack.sandbox.upsert(
      'OneShotOrg__c',
      regions.map((region) => ({ HomeRegion__c: region })),
    );
  };
  afterEach(() => stack.sandbox.delete('OneShotOrg__c', 'all'));

  test('two records: nothing is saved', async () => {
    await named('us', 'us');
    const before = await current();
    const answer = await save({ sessionMinutes: 61 });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'region_unreadable']);
    expect(await current()).toEqual(before);
  });

  test('a record that cannot be read: nothing is saved', async () => {
    await stack.sandbox.access('admin@demo.example', 'OneShotOrg__c', { read: false });
    const answer = await save({ sessionMinutes: 61 });
    await stack.sandbox.access('admin@demo.example', 'OneShotOrg__c', { read: true });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'region_unreadable']);
  });

  test('while reps are signed in: the next sign-in is told where to go, and ends the sessions of the org here', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    await rep.get('/v1/accounts');
    await named('eu');
    const refused = await stack.signIn('rep.two@demo.example').catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 421, body: { error: { url: 'https://eu.api.oneshot.example' } } });
    expect((await rep.get('/v1/accounts')).status).toBe(401);
    expect(stack.backend.raw.join('')).not.toContain('rep.two@demo.example');
    await named();
    admin = await stack.signIn('admin@demo.example');
  });
});

test('a rep who is no admin reads and changes nothing', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  for (const path of ['/v1/settings', '/v1/settings/fields', '/v1/audit']) {
    const answer = await rep.get(path);
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'not_admin']);
  }
  expect((await rep.put('/v1/settings', await current())).status).toBe(403);
});

test('a record that names another region stops the save with the address of that region', async () => {
  await stack.sandbox.delete('OneShotOrg__c', 'all');
  await stack.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'eu' }]);
  const answer = await save({ sessionMinutes: 60 });
  await stack.sandbox.delete('OneShotOrg__c', 'all');
  expect([answer.status, answer.body.error?.code]).toEqual([421, 'wrong_region']);
  expect(answer.body.error?.url).toBe('https://eu.api.oneshot.example');
});

test('Salesforce away during a save: nothing is saved', async () => {
  const before = await current();
  await stack.sandbox.fault({ pathPattern: '/describe$', times: 3, status: 503, body: '<html>Down</html>' });
  const answer = await save({ sessionMinutes: 99 });
  await stack.sandbox.reset();
  expect([answer.status, answer.body.error?.code]).toEqual([503, 'crm_unavailable']);
  admin = await stack.signIn('admin@demo.example');
  expect(await current()).toEqual(before);
}, 240_000);

test('a save takes effect in every process within 5 s, and each tells its listeners once', async () => {
  const connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  const other = new SettingsStore({ orgs: orgModel(connection), region: 'us' });
  try {
    const heard: string[] = [];
    other.onChanged((orgId, now, before) => heard.push(`${orgId} ${before.cache.minutes} -> ${now.cache.minutes}`));
    const known = await other.of(admin.org.id);
    const saved = await save({ cache: { enabled: true, minutes: known.settings.cache.minutes - 7 } });
    expect(saved.status).toBe(200);
    const startedAt = performance.now();
    await until('the other process knows', async () => (await other.of(admin.org.id)).version > known.version, 5_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(heard).toEqual([`${admin.org.id} 60 -> 53`]);
  } finally {
    other.close();
    await connection.close();
  }
});

test('turning the cache off erases the lists in memory, in this process at once and in every other within 5 s', async () => {
  const other = await stack.addBackend();
  await save({ cache: { enabled: true, minutes: 60 } });
  const here = await stack.signIn('rep.one@demo.example');
  const there = here.at(other.url);
  for (const rep of [here, there]) {
    await rep.get('/v1/accounts');
    expect((await rep.get('/v1/accounts')).body.freshness?.source).toBe('memory');
  }
  const erasures = (lines: readonly Readonly<Record<string, unknown>>[]): number =>
    lines.filter(({ event, reason }) => event === 'accountsErased' && reason === 'cache_off').length;
  expect((await save({ cache: { enabled: false, minutes: 60 } })).status).toBe(200);
  await until('this one erased', () => erasures(stack.backend.lines) > 0);
  await until('the other one erased', () => erasures(other.lines) > 0, 5_000);
  expect((await there.get('/v1/accounts')).body.freshness?.source).toBe('live');
}, 240_000);
