import type { Check } from 'c/oneshotApi';
import { AdminBench, settings } from '../../../../../test/admin';

let bench: AdminBench;

/** What the dialog is answered with, in order; what it was opened with is kept. */
function answer(...decisions: (string | undefined)[]): jest.Mock {
  const { default: Modal } = require('c/oneshotChangesModal') as { default: { open: jest.Mock } };
  Modal.open = jest.fn(() => Promise.resolve(decisions.shift()));
  return Modal.open;
}

const shown = (): string[] =>
  bench.child<HTMLElement & { checks: Check[] }>('c-oneshot-checks').checks.map(({ id }) => id);
/** The stand-in inputs of the test runner check nothing; real ones do in the browser journeys. */
async function goToPolicies(): Promise<void> {
  bench.child<HTMLButtonElement>('button[data-value=policies]').click();
  await bench.fire('.head', 'settle');
  Object.defineProperty(bench.child('c-oneshot-policies'), 'reportValidity', { value: () => true });
}

const save = (): Promise<void> => bench.fire('.foot lightning-button:last-of-type', 'click');

beforeEach(async () => {
  bench = new AdminBench();
  await bench.open('c-oneshot-setup');
});
afterEach(() => bench.close());

test('one click signs in and shows the first step with its checks, in the user’s language', async () => {
  expect(bench.backend.asked).toEqual([]);
  await bench.signIn();
  expect(bench.opened[0]).toMatch(/\/v1\/auth\/salesforce\/start\?/);
  expect(shown()).toEqual(['app_installed', 'app_approved', 'trusted_url']);
  expect(bench.backend.of('GET /v1/setup/checklist')[0]?.headers['accept-language']).toBe('en');
  expect(bench.child('.done').textContent).toBe('4 of 9 checks done');
  await bench.expectAccessible();
});

test('steps are buttons that say what is open; each shows its own checks', async () => {
  await bench.signIn();
  const jump = (value: string): HTMLButtonElement => bench.child(`button[data-value=${value}]`);
  expect(jump('app').getAttribute('aria-current')).toBe('step');
  expect(jump('policies').textContent).toBe('Policies2');
  jump('policies').click();
  await bench.fire('.head', 'settle');
  expect(shown()).toEqual(['home_region', 'settings_saved']);
  expect(jump('policies').getAttribute('aria-current')).toBe('step');
});

test('a save shows the difference first, and saves the whole with the version that was read', async () => {
  await bench.signIn();
  await goToPolicies();
  await bench.fire('c-oneshot-policies', 'change', { settings: { sessionMinutes: 30 } });
  expect(bench.child('.unsaved').textContent).toBe('1 unsaved change');
  const open = answer(undefined, 'save');
  await save();
  expect(open).toHaveBeenCalledWith(
    expect.objectContaining({
      isConflict: false,
      differences: [{ name: 'sessionMinutes', label: 'Session length in minutes', before: '60', after: '30' }],
    }),
  );
  expect(bench.backend.of('PUT /v1/settings')).toEqual([]);
  await save();
  expect(bench.backend.of('PUT /v1/settings').map(({ body }) => body)).toEqual([
    { version: 1, settings: { ...settings, sessionMinutes: 30 } },
  ]);
  expect(bench.backend.of('GET /v1/setup/checklist')).toHaveLength(2);
});

test('a version conflict shows both values; "keep mine" saves over what was shown', async () => {
  await bench.signIn();
  await goToPolicies();
  await bench.fire('c-oneshot-policies', 'change', { settings: { sessionMinutes: 30 } });
  const theirs = { version: 7, settings: { ...settings, sessionMinutes: 45 } };
  bench.saved = { status: 409, body: { error: { code: 'version_conflict', message: 'x', current: theirs } } };
  const open = answer('save', 'keepMine', 'save');
  await save();
  expect(open).toHaveBeenLastCalledWith(
    expect.objectContaining({
      isConflict: true,
      differences: [{ name: 'sessionMinutes', label: 'Session length in minutes', before: '45', after: '30' }],
    }),
  );
  bench.saved = { body: { version: 8, settings: { ...settings, sessionMinutes: 30 } } };
  await save();
  expect(bench.backend.of('PUT /v1/settings')[1]?.body).toMatchObject({ version: 7, settings: { sessionMinutes: 30 } });
});

test('moving to another region signs in again before anything is sent', async () => {
  await bench.signIn();
  await goToPolicies();
  await bench.fire('c-oneshot-policies', 'change', { settings: { homeRegion: 'eu' } });
  answer('save');
  await save();
  expect(bench.backend.of('PUT /v1/settings')).toEqual([]);
  expect(bench.opened.at(-1)).toContain('reauth=true');
  await bench.arrive();
  expect(bench.backend.of('PUT /v1/settings')[0]?.body).toMatchObject({ settings: { homeRegion: 'eu' } });
});

test('who is no admin is told whom to ask, and sees no wizard', async () => {
  const refused = { status: 403, body: { error: { code: 'not_admin', message: 'x' } } };
  for (const path of ['/v1/settings', '/v1/settings/fields', '/v1/setup/reps'])
    bench.backend.on(`GET ${path}`, refused);
  await bench.signIn();
  expect(bench.find('c-oneshot-checks')).toBeNull();
  expect(bench.child<HTMLElement & { problem: { code: string } }>('c-oneshot-problem').problem.code).toBe('not_admin');
});

test('a chosen rep is looked at', async () => {
  await bench.signIn();
  bench.child<HTMLButtonElement>('button[data-value=permissions]').click();
  await bench.fire('.head', 'settle');
  await bench.fire('lightning-combobox.rep', 'change', { value: '005000000000001AAA' });
  expect(bench.backend.of('GET /v1/setup/checklist').at(-1)?.query.get('rep')).toBe('005000000000001AAA');
});
