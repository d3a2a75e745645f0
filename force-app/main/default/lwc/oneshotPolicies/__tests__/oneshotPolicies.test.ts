import OneshotPolicies from 'c/oneshotPolicies';
import { settings } from '../../../../../test/admin';
import { all, find, hear, mount } from '../../../../../test/mount';
import { callsADay } from '../cost';

afterEach(() => document.body.replaceChildren());

const cache = (enabled: boolean, minutes = 60): object => ({ ...settings, cache: { enabled, minutes } });

test.each([
  ['an hour in memory', { sessionMinutes: 60, cache: { enabled: true, minutes: 60 } }, 1_500, 8 * 3 + 8],
  ['ten minutes in memory', { sessionMinutes: 60, cache: { enabled: true, minutes: 10 } }, 1_500, 48 * 3 + 8],
  ['live', { sessionMinutes: 60, cache: { enabled: false, minutes: 60 } }, 1_500, 60 * 3 + 8],
  ['live, with 12,300 customers', { sessionMinutes: 60, cache: { enabled: false, minutes: 60 } }, 12_300, 60 * 9 + 8],
  ['a session of a day', { sessionMinutes: 720, cache: { enabled: true, minutes: 60 } }, 0, 8 * 3 + 1],
])('what it costs: %s', (_what, policy, accounts, calls) => {
  expect(callsADay(policy, accounts)).toBe(calls);
});

test('the cost stands beside the limit of the org and follows the switch', async () => {
  const usage = { apiCallsToday: 0, orgLimit: 100_000, orgRemaining: 90_000, byPurpose: {} };
  const properties = { settings: cache(true), savedRegion: 'us', usage, repCount: 10, accountCount: 1_500 };
  const element = await mount<{ settings: object }>('c-oneshot-policies', OneshotPolicies, properties);
  expect(find(element, '[data-id=cost]').textContent).toContain(
    'About 32 API calls a day for each rep; 320 for the 10',
  );
  expect(find(element, '[data-id=cost]').textContent).toContain(
    'Your org may make 100,000 in 24 hours; 90,000 are left.',
  );
  element.settings = cache(false);
  await Promise.resolve();
  expect(find(element, '[data-id=cost]').textContent).toContain('1,880 for the 10');
  await expect(element).toBeAccessible();
});

test('a number beyond its limits is gone to, where it may be out of sight of Save', async () => {
  const element = await mount<{ reportValidity(): boolean }>('c-oneshot-policies', OneshotPolicies, {
    settings: cache(true),
    savedRegion: 'us',
  });
  const fields = all<HTMLElement & { reportValidity(): boolean }>(element, '[data-check]');
  const focus = fields.map((field, index) => {
    field.reportValidity = () => index !== 1 && index !== 2;
    return jest.spyOn(field, 'focus');
  });
  expect(element.reportValidity()).toBe(false);
  expect(focus.map((each) => each.mock.calls.length)).toEqual(fields.map((_field, index) => (index === 1 ? 1 : 0)));
  for (const field of fields) field.reportValidity = () => true;
  expect(element.reportValidity()).toBe(true);
});

test('another home region says what it erases; changes are told, broken numbers are not', async () => {
  const properties = { settings: { ...settings, homeRegion: 'eu' }, savedRegion: 'us' };
  const element = await mount('c-oneshot-policies', OneshotPolicies, properties);
  expect(find(element, '.warning').textContent).toMatch(/Moving to Europe erases everything here/);
  const changed = hear(element, 'change');
  const minutes = find(element, '[data-check=sessionMinutes]');
  for (const value of ['', '1.5', '45']) minutes.dispatchEvent(new CustomEvent('change', { detail: { value } }));
  expect(changed.mock.calls).toEqual([[{ settings: { sessionMinutes: 45 } }]]);
});
