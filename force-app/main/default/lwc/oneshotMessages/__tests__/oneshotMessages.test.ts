import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useLanguage } from '../../../../../test/language';

type Api = typeof import('c/oneshotApi');
type Messages = typeof import('c/oneshotMessages');

const backend = join(__dirname, '../../../../../../backend/src');

/** Codes of the HTTP contract, as it lists them: the search through the backend must find at least these. */
const CONTRACT = [
  ...['session_ended', 'crm_session_expired', 'access_denied', 'app_not_installed', 'app_not_approved', 'api_disabled'],
  ...['not_admin', 'permission_missing', 'user_inactive', 'origin_mismatch', 'region_unreadable', 'not_found'],
  ...['reauthentication_required', 'crm_field_hidden', 'setup_missing', 'crm_invalid', 'crm_limit', 'crm_unavailable'],
  ...['database_unavailable', 'invalid', 'invalid_code', 'wrong_region', 'idempotency_mismatch', 'in_progress'],
  ...['cannot_email', 'daily_limit', 'key_object_missing', 'other_account', 'scope_missing', 'version_conflict'],
  ...['sending_paused', 'keys_unavailable', 'body_too_large', 'too_many_requests', 'opted_out', 'sequence_locked'],
];

/** Of the browser itself: no answer came, or none that can be read. */
const BROWSER = ['network', 'timeout', 'bad_answer', 'popup_blocked', 'not_ready'];

/** What our components cannot bring about: whoever sees one has met a fault of ours, and those words say so. */
const FAULTS = ['internal', 'client_gone', 'unsupported_media_type'];

/** Said by the callback page to an IT admin who approved the app, and posted to nobody. */
const ON_A_PAGE = ['admin_approved'];

/** Every error code that stands in the backend's source: a literal beside `code:`, alone, by a rule or in a type. */
function backendCodes(): string[] {
  const files = readdirSync(backend, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const texts = files.map((name) => readFileSync(join(backend, name), 'utf8'));
  const lines = texts.filter((text) => text.includes('ProblemError')).flatMap((text) => text.split('\n'));
  const codes = lines
    .filter((line) => /\bcode:/.test(line))
    .flatMap((line) => [...(line.split(/\bcode:/)[1] ?? '').matchAll(/(?<!=== )'([a-z_]+)'/g)])
    .map((match) => match[1] ?? '');
  return [...new Set(codes)].filter((code) => !ON_A_PAGE.includes(code)).sort();
}

function load(language: 'en_US' | 'de'): (code: string, status?: number) => string {
  jest.resetModules();
  useLanguage(language);
  const { Problem } = require('c/oneshotApi') as Api;
  const { messageOf } = require('c/oneshotMessages') as Messages;
  return (code, status = 0) => messageOf(new Problem({ code, status, field: 'field' }), 'eu');
}

afterAll(() => useLanguage('en_US'));

test('the search finds the codes of the contract in the backend', () => {
  expect(CONTRACT.filter((code) => !backendCodes().includes(code))).toEqual([]);
});

test.each(['en_US', 'de'] as const)('each code that can be answered has its own words, in %s', (language) => {
  const say = load(language);
  const nothing = say('never_heard_of');
  const codes = [...backendCodes(), ...BROWSER];
  expect(codes.length).toBeGreaterThan(50);
  const wordless = codes.filter((code) => !FAULTS.includes(code) && [nothing, ''].includes(say(code)));
  expect(wordless).toEqual([]);
  expect(FAULTS.map((code) => say(code))).toEqual(FAULTS.map(() => nothing));
  expect(codes.map((code) => say(code)).filter((words) => /\{\d\}|_/.test(words))).toEqual([]);
});

test('no code is said in English to a German', () => {
  const codes = [...backendCodes(), ...BROWSER];
  const english = load('en_US');
  const words = codes.map((code) => english(code));
  const german = load('de');
  expect(codes.filter((code, index) => german(code) === words[index])).toEqual([]);
});

test('while sending is paused nothing was sent, and that is said', () => {
  expect(load('en_US')('sending_paused', 503)).toBe(
    'Sending is paused while OneShot checks its records. Nothing was sent, and nothing of yours is lost. Try again later.',
  );
  expect(load('de')('sending_paused', 503)).toMatch(/^Das Senden ist angehalten.*Es wurde nichts gesendet/);
});

test('a status says something where the code is one that nobody knows yet', () => {
  const say = load('en_US');
  expect(say('too_new', 429)).toContain('a lot at once');
  expect(say('too_new', 503)).toContain('away for a moment');
  expect(say('too_new', 500)).toContain('wrong on our side');
});
