import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../deploy/write-files.mjs', import.meta.url));
const tls = { TLS_CERT_PEM: 'CERT\n', TLS_KEY_PEM: 'KEY\n' };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'oneshot-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (env: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, [script, folder], { env, encoding: 'utf8' });

test('a backend gets its certificate, and the list of operators to the byte, readable by its user alone', () => {
  const list = '{ "operators": [] }\n';
  expect(write({ ...tls, OPERATORS_LIST: list, OPERATORS_SIGNATURE: 'SIG\n' }).status).toBe(0);
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  expect(files).toEqual({
    'cert.pem': 'CERT\n',
    'key.pem': 'KEY\n',
    'haproxy.pem': 'CERT\nKEY\n',
    'operators.json': list,
    'operators.json.sig': 'SIG\n',
  });
  for (const name of Object.keys(files)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o400);
});

test('the task of operators, which listens nowhere, gets their list and no certificate', () => {
  expect(write({ OPERATORS_LIST: '{}', OPERATORS_SIGNATURE: 'SIG\n' }).status).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['operators.json', 'operators.json.sig']);
});

test.each([
  [{}, /a certificate or a list are required/],
  [{ ...tls, TLS_KEY_PEM: '' }, /TLS_CERT_PEM and TLS_KEY_PEM go together/],
  [
    { TLS_KEY_PEM: 'KEY', OPERATORS_LIST: '{}', OPERATORS_SIGNATURE: 'SIG' },
    /TLS_CERT_PEM and TLS_KEY_PEM go together/,
  ],
  [{ ...tls, OPERATORS_LIST: '{}' }, /OPERATORS_LIST and OPERATORS_SIGNATURE go together/],
])('%j stops the task with one line, and nothing is written', (env, line) => {
  const { status, stderr } = write(env as Record<string, string>);
  expect(status).toBe(1);
  expect(stderr).toMatch(line);
  expect(readdirSync(folder)).toEqual([]);
});
