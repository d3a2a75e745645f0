import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import type { RepClient } from '../../test/sign-in.ts';
import { CHECKS, type CheckId } from './findings.ts';
import type { CheckRow } from './texts.ts';
import { english } from './texts.en.ts';
import { german } from './texts.de.ts';

let stack: Stack;
let admin: RepClient;
const ADMIN = 'admin@demo.example';
const REP_ONE = 'rep.one@demo.example';
const REP_TWO = 'rep.two@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '60' });
}, 240_000);
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.sandbox.reset();
  admin = await stack.signIn(ADMIN);
});

async function rows(query = '', headers: Readonly<Record<string, string>> = {}): Promise<Record<CheckId, CheckRow>> {
  const answer = await admin.get(`/v1/setup/checklist${query}`, headers);
  expect(answer.status).toBe(200);
  const list = answer.body.rows as unknown as readonly CheckRow[];
  expect(list.map(({ id }) => id)).toEqual([...CHECKS]);
  return Object.fromEntries(list.map((row) => [row.id, row])) as Record<CheckId, CheckRow>;
}

const idOf = async (username: string): Promise<string> =>
  String((await stack.sandbox.records('User')).find(({ Username }) => Username === username)?.Id);

test('a fresh org: what is there is ok with what was seen, what is missing is to do with its clicks', async () => {
  const seen = await rows();
  const states = Object.fromEntries(CHECKS.map((id) => [id, seen[id].state]));
  expect(states).toEqual({
    app_installed: 'ok',
    app_approved: 'unknown',
    trusted_url: 'ok',
    rep_permission_set: 'ok',
    admin_permission_set: 'ok',
    key_object: 'ok',
    home_region: 'todo',
    paying_field: 'ok',
    rep_paying_field: 'ok',
    rep_products: 'ok',
    rep_consent_fields: 'ok',
    settings_saved: 'todo',
    components: 'unknown',
  });
  expect(seen.rep_permission_set.seen).toBe('2 active people have it.');
  expect(seen.trusted_url.seen).toContain('https://us.api.oneshot.example');
  const paying = (await stack.sandbox.records('Account')).filter(
    ({ ActiveARR__c: value }) => typeof value === 'number' && value > 0,
  );
  expect(seen.paying_field.seen).toBe(`ActiveARR__c is there; ${paying.length} accounts that you can see are above 0.`);
  for (const id of CHECKS) {
    const { state, steps, url } = seen[id];
    expect(url).toMatch(new RegExp(`^${stack.backend.origin}/lightning/`));
    if (state !== 'ok') expect({ id, steps: steps.length > 0 }).toEqual({ id, steps: true });
  }
});

test('nobody has the permission set and nobody signed in: to do', async () => {
  for (const who of [REP_ONE, REP_TWO]) await stack.sandbox.user(who, { permissions: [] });
  const seen = await rows();
  expect(seen.rep_permission_set).toMatchObject({ state: 'todo', seen: 'No active person has it.' });
  expect(seen.rep_paying_field).toMatchObject({ state: 'unknown', seen: expect.stringMatching(/nobody has/) });
});

test('saved settings, a recorded region and a rep who signed in change their rows', async () => {
  const { version, settings } = (await admin.get('/v1/settings')).body;
  expect((await admin.put('/v1/settings', { version, settings })).status).toBe(200);
  await stack.signIn(REP_ONE);
  const seen = await rows();
  expect([seen.settings_saved.state, seen.home_region.state, seen.app_approved.state]).toEqual(['ok', 'ok', 'ok']);
});

describe('each row looks at what it says', () => {
  const CHANGES: readonly (readonly [string, CheckId, RegExp, () => Promise<unknown>])[] = [
    ['no trusted URL', 'trusted_url', /No trusted URL is/, () => stack.sandbox.delete('CspTrustedSite', 'all')],
    ['a trusted URL that is switched off', 'trusted_url', /not active/, () => changeUrl({ IsActive: false })],
    [
      'a trusted URL without connect-src',
      'trusted_url',
      /connect-src is not ticked/,
      () => changeUrl({ IsApplicableToConnectSrc: false }),
    ],
    ['a trusted URL for sites only', 'trusted_url', /not for Lightning/, () => changeUrl({ Context: 'Communities' })],
    [
      'two region records',
      'home_region',
      /two records/,
      () => stack.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'us' }, { HomeRegion__c: 'us' }]),
    ],
    [
      'another region by hand',
      'home_region',
      /says Europe/,
      () => stack.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'eu' }]),
    ],
    [
      'a region that is none',
      'home_region',
      /names no region/,
      () => stack.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'mars' }]),
    ],
    [
      'the paying field deleted',
      'paying_field',
      /no field ActiveARR__c/,
      () => stack.sandbox.schema('Account', { remove: ['ActiveARR__c'] }),
    ],
    [
      'the paying field made a text',
      'paying_field',
      /cannot say who pays/,
      () => stack.sandbox.schema('Account', { fields: [{ name: 'ActiveARR__c', type: 'string' }] }),
    ],
    [
      'the key object taken away',
      'key_object',
      /may not make a record of OneShotKey__c/,
      () => stack.sandbox.schema('OneShotKey__c', { remove: ['OneShotKey__c'] }),
    ],
    [
      'a rep who may make no key record',
      'key_object',
      /Robin Onesmith may not make a record/,
      async () => {
        await stack.sandbox.access(REP_ONE, 'OneShotKey__c', { create: false });
      },
    ],
  ];

  test.each(CHANGES)('%s', async (_what, id, words, change) => {
    await change();
    const row = (await rows())[id];
    expect(row).toMatchObject({ state: 'todo', seen: expect.stringMatching(words) });
    expect(row.steps.length).toBeGreaterThan(0);
  });

  test('nobody has the permission set: to do where no rep ever signed in, unknown where one did', async () => {
    for (const who of [REP_ONE, REP_TWO]) await stack.sandbox.user(who, { permissions: [] });
    const row = (await rows()).rep_permission_set;
    expect(row).toMatchObject({
      state: 'unknown',
      seen: expect.stringMatching(/^Nobody has it directly\. Earlier 1 signed in/),
    });
    expect(row.steps[0]).toBe('Open Setup, Permission Sets, OneShot Rep, Manage Assignments, Add Assignment.');
  });

  test('a chosen rep who may not see fields that the admin sees: named, with the clicks for that rep', async () => {
    await stack.sandbox.access(REP_TWO, 'Account', { field: 'ActiveARR__c', read: false });
    await stack.sandbox.access(REP_TWO, 'Contact', { field: 'HasOptedOutOfEmail', read: false });
    const two = await rows(`?rep=${await idOf(REP_TWO)}`);
    expect(two.rep_paying_field).toMatchObject({
      state: 'todo',
      seen: 'Tomke Zweifeld cannot see ActiveARR__c.',
      steps: [
        'Open Setup, Object Manager, Account, Fields & Relationships, ActiveARR__c, Set Field-Level Security.',
        expect.stringContaining('Tomke Zweifeld'),
      ],
    });
    expect(two.rep_consent_fields.state).toBe('todo');
    expect(two.rep_consent_fields.seen).toContain('Contact.HasOptedOutOfEmail');
    expect(two.rep_consent_fields.steps.at(-1)).toMatch(/standard fields/);
    const one = await rows(`?rep=${await idOf(REP_ONE)}`);
    expect([one.rep_paying_field.state, one.rep_consent_fields.state]).toEqual(['ok', 'ok']);
  });

  test.each<[string, CheckId]>([
    ['CspTrustedSite', 'trusted_url'],
    ['PermissionSetAssignment', 'rep_permission_set'],
    ['FieldPermissions', 'rep_paying_field'],
    ['FieldPermissions', 'rep_consent_fields'],
    ['OneShotOrg__c', 'home_region'],
  ])('%s unreadable: unknown, and not guessed', async (object, id) => {
    await stack.sandbox.access(ADMIN, object, { read: false });
    const row = (await rows(`?rep=${await idOf(REP_ONE)}`))[id];
    expect(row).toMatchObject({ state: 'unknown', seen: expect.stringMatching(/did not let you read/) });
  });

  test('Salesforce away for one question: that row is unknown, the others stand', async () => {
    await stack.sandbox.fault({ pathPattern: '/sobjects/Account/describe$', times: 3, status: 503 });
    const seen = await rows();
    expect(seen.paying_field).toMatchObject({ state: 'unknown', seen: expect.stringMatching(/did not answer/) });
    expect(seen.rep_permission_set.state).toBe('ok');
  });

  test('products from lines that the rep may not read', async () => {
    const { version, settings } = (await admin.get('/v1/settings')).body;
    const products = { source: 'opportunityLines' };
    expect((await admin.put('/v1/settings', { version, settings: { ...settings, products } })).status).toBe(200);
    await stack.sandbox.access(REP_ONE, 'OpportunityLineItem', { read: false });
    expect((await rows(`?rep=${await idOf(REP_ONE)}`)).rep_products).toMatchObject({
      state: 'todo',
      seen: 'Robin Onesmith may not read OpportunityLineItem, so their list has no products.',
    });
    const now = (await admin.get('/v1/settings')).body;
    await admin.put('/v1/settings', { version: now.version, settings: { ...settings, products: { source: 'none' } } });
  });
});

test('a paying field hidden later: the rep is told at the next pull, the admin in Setup, with that rep', async () => {
  const rep = await stack.signIn(REP_TWO);
  expect((await rep.get('/v1/accounts')).status).toBe(200);
  await stack.sandbox.access(REP_TWO, 'Account', { field: 'ActiveARR__c', read: false });
  const refused = await (await stack.signIn(REP_TWO)).get('/v1/accounts');
  expect(refused.status).toBe(409);
  expect(refused.body.error).toMatchObject({
    code: 'crm_field_hidden',
    field: 'ActiveARR__c',
    action: 'contact_admin',
  });
  expect((await rows()).rep_paying_field).toMatchObject({
    state: 'todo',
    seen: 'Tomke Zweifeld cannot see ActiveARR__c, and was told so when they opened their list.',
  });
});

test('in German where German is asked for, with the same sentences', async () => {
  const seen = await rows('', { 'accept-language': 'de' });
  expect(seen.paying_field.title).toBe(german.titles.paying_field);
  expect(seen.rep_permission_set.seen).toBe('2 aktive Personen haben ihn.');
  expect(Object.keys(german.sentences)).toEqual(Object.keys(english.sentences));
  const places = (text: string): string => [...new Set(text.match(/\{\d\}/g) ?? [])].sort().join();
  for (const [name, text] of Object.entries(english.sentences))
    expect([name, places(german.sentences[name] ?? '')]).toEqual([name, places(text)]);
});

test('reps to look at are found by name, and only those who have the permission set', async () => {
  const names = async (query: string): Promise<unknown> =>
    ((await admin.get(`/v1/setup/reps${query}`)).body.rows as unknown as readonly { name: string }[]).map(
      ({ name }) => name,
    );
  expect(await names('')).toEqual(['Robin Onesmith', 'Tomke Zweifeld']);
  expect(await names('?search=zwei')).toEqual(['Tomke Zweifeld']);
  expect(await names(`?search=${encodeURIComponent("%' OR Name LIKE '")}`)).toEqual([]);
});

test.each(['?rep=001000000000001AAA', '?rep=x', '?who=x'])('bad input: %s', async (query) => {
  expect((await admin.get(`/v1/setup/checklist${query}`)).status).toBe(400);
});

async function changeUrl(change: object): Promise<void> {
  const site = (await stack.sandbox.records('CspTrustedSite')).find(
    ({ DeveloperName }) => DeveloperName === 'OneShot_us',
  );
  await stack.sandbox.upsert('CspTrustedSite', [{ Id: site?.Id, ...change }]);
}
