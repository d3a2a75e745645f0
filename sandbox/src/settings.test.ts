import { expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

test('without settings it is the demo org on 4100, for the backend on its default port', () => {
  expect(readSettings({})).toEqual({
    port: 4100,
    accounts: undefined,
    accountsCsv: undefined,
    redirectUris: ['http://127.0.0.1:4000/v1/auth/salesforce/callback'],
  });
});

test('every setting is read', () => {
  const env = {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS: '100000',
    SANDBOX_REDIRECT_URIS: 'http://127.0.0.1:41100/a, https://x.example/b?c=d',
  };
  expect(readSettings(env)).toEqual({
    port: 0,
    accounts: 100_000,
    accountsCsv: undefined,
    redirectUris: ['http://127.0.0.1:41100/a', 'https://x.example/b?c=d'],
  });
  expect(readSettings({ SANDBOX_ACCOUNTS_CSV: 'a.csv' }).accountsCsv).toBe('a.csv');
  expect(readSettings({ SANDBOX_SALESFORCE_URL: 'https://a.my.salesforce.com' }).salesforceUrl).toBe(
    'https://a.my.salesforce.com',
  );
});

test.each([
  [{ PORT: '4555' }, 'http://127.0.0.1:4555'],
  [{ PORT: '0' }, 'http://127.0.0.1:4000'],
  [{ PORT: '4555', PUBLIC_URL: 'https://us.example:8443/' }, 'https://us.example:8443'],
])('a backend with the same settings %j may sign in', (env, origin) => {
  expect(readSettings(env).redirectUris).toEqual([`${origin}/v1/auth/salesforce/callback`]);
});

test.each([
  ['PORT', 'many'],
  ['PUBLIC_URL', 'us.example'],
  ['SANDBOX_PORT', '65536'],
  ['SANDBOX_PORT', 'http'],
  ['SANDBOX_PORT', '-1'],
  ['SANDBOX_PORT', '1e3'],
  ['SANDBOX_ACCOUNTS', 'many'],
  ['SANDBOX_ACCOUNTS', '1.5'],
  ['SANDBOX_ACCOUNTS', '9999999'],
  ['SANDBOX_REDIRECT_URIS', 'localhost/callback'],
  ['SANDBOX_REDIRECT_URIS', 'http://127.0.0.1/a#b'],
  ['SANDBOX_REDIRECT_URIS', 'http://127.0.0.1/a,'],
  ['SANDBOX_SALESFORCE_URL', 'a.my.salesforce.com'],
  ['SANDBOX_SALESFORCE_URL', 'https://a.my.salesforce.com/'],
])('%s=%s stops the start with one line that names it', (name, value) => {
  expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name} [^\\n]+$`));
});
