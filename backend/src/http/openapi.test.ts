import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';

let stack: Stack;
let document: OpenApi;

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: unknown }>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly servers?: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

beforeAll(async () => {
  stack = await startStack();
  document = (await (await fetch(`${stack.backend.url}/openapi.json`)).json()) as OpenApi;
}, 240_000);
afterAll(() => stack.close());

const operations = (): readonly [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

test('it is OpenAPI 3.1 and tells nothing about the machine', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.servers).toBeUndefined();
  expect(JSON.stringify(document)).not.toMatch(/127\.0\.0\.1|localhost|\/(?:home|work|tmp|usr)\//);
});

test('it names every route of the contract that this build has', () => {
  expect(operations().map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'GET /v1/auth/salesforce/start',
      'GET /v1/auth/salesforce/callback',
      'POST /v1/auth/token',
      'POST /v1/auth/sign-out',
      'GET /v1/me',
      'GET /v1/accounts',
      'POST /v1/accounts/refresh',
      'GET /v1/accounts/{id}',
      'GET /v1/settings',
      'PUT /v1/settings',
      'GET /v1/settings/fields',
      'GET /v1/setup/checklist',
      'GET /v1/admin/users',
      'DELETE /v1/admin/users/{id}/sessions',
      'DELETE /v1/admin/sessions',
      'GET /v1/admin/usage',
      'GET /v1/audit',
      'GET /healthz',
      'GET /readyz',
    ]),
  );
});

/** What anybody may ask: the rest needs a session. */
const OPEN = new Set([
  'GET /v1/auth/salesforce/start',
  'GET /v1/auth/salesforce/callback',
  'POST /v1/auth/token',
  'GET /v1/connections/{provider}/go',
  'GET /v1/connections/{provider}/callback',
  'GET /v1/privacy/receipts/{id}',
  'GET /v1/privacy/keys',
]);

test('every route says how it fails, and a route that needs a session says so', () => {
  for (const [name, { responses, security, requestBody }] of operations()) {
    if (!name.includes('/v1/')) continue;
    const statuses = Object.keys(responses);
    expect([name, statuses]).toEqual([name, expect.arrayContaining(['400', '429', '500', '503'])]);
    if (requestBody !== undefined) expect([name, statuses]).toEqual([name, expect.arrayContaining(['413', '415'])]);
    const isOpen = security?.length === 0;
    expect([name, isOpen]).toEqual([name, OPEN.has(name)]);
    if (!isOpen) expect([name, statuses]).toEqual([name, expect.arrayContaining(['401', '403'])]);
  }
});

test('every success has a shape', () => {
  for (const [name, { responses }] of operations()) {
    const successes = Object.entries(responses).filter(([status]) => status.startsWith('2') && status !== '204');
    for (const [status, { content }] of successes)
      expect([name, status, content]).not.toEqual([name, status, undefined]);
  }
});

test('an answer without a body has none in the document, and a page of the popup is HTML, errors too', () => {
  for (const [name, { responses }] of operations()) {
    const isPopup = /\/(?:start|callback|go)$/.test(name) && name.startsWith('GET');
    for (const [status, { content }] of Object.entries(responses)) {
      const expected = ['204', '302', '304'].includes(status) ? [] : [isPopup ? 'text/html' : 'application/json'];
      expect([name, status, Object.keys(content ?? {})]).toEqual([name, status, expected]);
    }
  }
});

test('parameters in the document are those that the routes take', () => {
  const fields = document.paths['/v1/settings/fields']?.get;
  expect(fields?.parameters).toEqual([expect.objectContaining({ name: 'count', in: 'query' })]);
});

test('a route that takes no body still says what becomes of one', () => {
  const { 'POST /v1/accounts/refresh': refresh, 'GET /v1/me': me } = Object.fromEntries(operations());
  expect(Object.keys(refresh?.responses ?? {})).toEqual(expect.arrayContaining(['413', '415']));
  expect(Object.keys(me?.responses ?? {})).not.toContain('415');
});
