import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './config.ts';

test('without settings the preview listens on 4200 and talks to the backend on 4000', () => {
  expect(readConfig({})).toEqual({ port: 4200, backendUrl: 'http://127.0.0.1:4000' });
});

test.each(['-1', '65536', '4200x', '1e3', ' '])('a port %p is refused by name', (value) => {
  expect(() => readConfig({ PREVIEW_PORT: value })).toThrow(ConfigError);
  expect(() => readConfig({ PREVIEW_PORT: value })).toThrow(/PREVIEW_PORT/);
});

test.each([
  '127.0.0.1:4000',
  'ftp://a.example',
  'https://a.example/path',
  'https://u:p@a.example',
  "https://a.example;'",
])('a backend address %p is refused by name: it goes into the content security policy', (value) => {
  expect(() => readConfig({ ONESHOT_BACKEND_URL: value })).toThrow(/ONESHOT_BACKEND_URL/);
});

test('the sandbox is asked for records only where its address is given, and a malformed one is refused by name', () => {
  expect(readConfig({ ONESHOT_SANDBOX_URL: 'http://127.0.0.1:4100' }).sandboxUrl).toBe('http://127.0.0.1:4100');
  expect(readConfig({ ONESHOT_SANDBOX_URL: '' })).not.toHaveProperty('sandboxUrl');
  expect(() => readConfig({ ONESHOT_SANDBOX_URL: 'http://a.example/x' })).toThrow(/ONESHOT_SANDBOX_URL/);
});
