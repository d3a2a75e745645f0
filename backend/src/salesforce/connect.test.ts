import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { until } from '../../test/harness.ts';
import { Secret } from '../vault/secret.ts';
import type { CrmConnection, CrmRecord } from './connection.ts';
import { openCrmConnection } from './connect.ts';
import {
  CrmAccessDenied,
  CrmApiDisabled,
  CrmCursorLost,
  CrmDuplicate,
  CrmFieldHidden,
  CrmInvalid,
  CrmLimitReached,
  CrmObjectHidden,
  CrmSessionExpired,
  CrmUnavailable,
} from './errors.ts';
import { field, soql } from './soql.ts';
import { CrmTransport, defaultTransportPolicy, type TransportPolicy } from './transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const TOKEN = '00Dxx0000000001!canaryAccessToken';
const QUERY = soql`SELECT Id, ${field('ActiveARR__c')} FROM Account`;
const never = new AbortController().signal;

let server: Server;
let seen: IncomingMessage[];
let handler: Handler;
let crm: CrmConnection;
let transport: CrmTransport;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open({});
});

/** Without time-outs that a slow machine may run into, where a test asks for none. */
function open(policy: Partial<TransportPolicy>): void {
  transport = new CrmTransport({ ...defaultTransportPolicy, backoffMs: 5, maxBodyBytes: 100_000, ...policy });
  crm = openCrmConnection({ instanceUrl: origin(), accessToken: Secret.of(TOKEN) }, transport);
}

afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/salesforce`;

function json(body: unknown, status = 200): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(JSON.stringify(body));
  };
}

const refusal = (status: number, errorCode: string, message = 'x'): Handler => json([{ message, errorCode }], status);

async function allOf(connection = crm, signal = never): Promise<CrmRecord[]> {
  const records: CrmRecord[] = [];
  for await (const page of connection.queryPages(QUERY, signal)) records.push(...page.records);
  return records;
}

test('pages are read to the end, with the token in the header and never in a URL', async () => {
  handler = (request, response) => {
    const last = request.url?.includes('01gPAGE-2') === true;
    json(
      last
        ? { totalSize: 2, done: true, records: [{ Id: 'b' }] }
        : { totalSize: 2, done: false, nextRecordsUrl: '/services/data/v66.0/query/01gPAGE-2', records: [{ Id: 'a' }] },
    )(request, response);
  };
  expect(await allOf()).toEqual([{ Id: 'a' }, { Id: 'b' }]);
  expect(seen.map((request) => request.url?.split('?')[0])).toEqual([
    '/salesforce/services/data/v66.0/query',
    '/salesforce/services/data/v66.0/query/01gPAGE-2',
  ]);
  expect(seen.map((request) => request.headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  expect(seen.map((request) => request.url).join()).not.toContain('canary');
});

test('a compressed page is read; one that unpacks to more than the limit is refused', async () => {
  let body = JSON.stringify({ totalSize: 1, done: true, records: [{ Id: 'a' }] });
  handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(body));
  };
  expect(await allOf()).toEqual([{ Id: 'a' }]);
  body = JSON.stringify({ totalSize: 1, done: true, records: [{ Id: 'a'.repeat(200_000) }] });
  await expect(allOf()).rejects.toBeInstanceOf(CrmInvalid);
});

test.each([
  ['https://evil.example/services/data/v66.0/query/01g'],
  ['//evil.example/query/01g'],
  ['/services/data/v50.0/query/01g'],
  ['/services/data/v66.0/query/../../sobjects'],
  ['/services/apexrest/x'],
  [7],
])('a follow-up URL %j is not followed', async (nextRecordsUrl) => {
  handler = json({ totalSize: 2, done: false, records: [{ Id: 'a' }], nextRecordsUrl });
  await expect(allOf()).rejects.toBeInstanceOf(CrmInvalid);
  expect(seen).toHaveLength(1);
});

test('a redirect is refused and the token goes nowhere', async () => {
  const elsewhere: string[] = [];
  const other = createServer((request, response) => {
    elsewhere.push(request.headers.authorization ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  handler = (_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
  };
  await expect(allOf()).rejects.toBeInstanceOf(CrmInvalid);
  expect(elsewhere).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

test('401 is asked once and says: sign in again', async () => {
  handler = refusal(401, 'INVALID_SESSION_ID');
  await expect(allOf()).rejects.toBeInstanceOf(CrmSessionExpired);
  expect(seen).toHaveLength(1);
});

test.each([
  [403, 'REQUEST_LIMIT_EXCEEDED', CrmLimitReached],
  [403, 'API_DISABLED_FOR_ORG', CrmApiDisabled],
  [400, 'INVALID_TYPE', CrmObjectHidden],
  [403, 'INSUFFICIENT_ACCESS', CrmAccessDenied],
  [400, 'INSUFFICIENT_ACCESS_OR_READONLY', CrmAccessDenied],
  [400, 'INVALID_FIELD_FOR_INSERT_UPDATE', CrmAccessDenied],
  [400, 'DUPLICATE_VALUE', CrmDuplicate],
  [400, 'INVALID_QUERY_LOCATOR', CrmCursorLost],
  [400, 'QUERY_TIMEOUT', CrmUnavailable],
  [400, 'MALFORMED_QUERY', CrmInvalid],
])('%i %s becomes its own error', async (status, code, expected) => {
  handler = refusal(status, code);
  await expect(allOf()).rejects.toBeInstanceOf(expected);
});

test('a hidden field is named only if we asked for it, and no text of Salesforce is passed on', async () => {
  handler = refusal(
    400,
    'INVALID_FIELD',
    "\nSELECT Id\n^\nERROR\nNo such column 'ActiveARR__c' on entity 'Account'. canary-text",
  );
  const error = await allOf().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CrmFieldHidden);
  expect((error as CrmFieldHidden).problem.field).toBe('ActiveARR__c');
  expect(inspect(error, { depth: 10 }) + String((error as Error).stack)).not.toContain('canary');

  handler = refusal(400, 'INVALID_FIELD', "No such column 'Canary__c' on entity 'Account'");
  const other = await allOf().catch((thrown: unknown) => thrown);
  expect((other as CrmFieldHidden).problem.field).toBeUndefined();
});

test('503 with HTML is retried a bounded number of times, then said', async () => {
  handler = (_request, response) => {
    response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>canary</h1>');
  };
  await expect(allOf()).rejects.toBeInstanceOf(CrmUnavailable);
  expect(seen).toHaveLength(3);
});

test('a read gets over one cut connection', async () => {
  handler = (request, response) => {
    if (seen.length === 1) request.socket.destroy();
    else json({ totalSize: 0, done: true, records: [] })(request, response);
  };
  expect(await allOf()).toEqual([]);
});

test.each([
  ['no headers', (): undefined => undefined],
  [
    'a body that stalls half way',
    (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"totalSize":1,"records":[{"Id":"a');
    },
  ],
  [
    'a body that is cut half way',
    (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"totalSize":1', () => response.destroy());
    },
  ],
])('%s ends in an error within the limits', async (_name, misbehave) => {
  await transport.close();
  open({ connectTimeoutMs: 500, headersTimeoutMs: 300, bodyIdleTimeoutMs: 300, totalTimeoutMs: 2_000 });
  handler = misbehave;
  const started = performance.now();
  await expect(allOf()).rejects.toBeInstanceOf(CrmUnavailable);
  // The limits of production are a minute and more.
  expect(performance.now() - started).toBeLessThan(10_000);
});

test.each([
  ['JSON that is cut', 'application/json', '{"totalSize":'],
  ['HTML with status 200', 'text/html', '<html></html>'],
  ['another shape', 'application/json', '{"hello":1}'],
  ['a list', 'application/json', '[]'],
  ['done without a boolean', 'application/json', '{"totalSize":0,"records":[],"done":"yes"}'],
])('%s is not taken for an answer', async (_name, type, body) => {
  handler = (_request, response) => {
    response.writeHead(200, { 'content-type': type }).end(body);
  };
  await expect(allOf()).rejects.toBeInstanceOf(CrmInvalid);
});

test('a write is sent once, whatever happens', async () => {
  handler = (request) => request.socket.destroy();
  await expect(crm.create('Task', { Subject: 'x' }, never)).rejects.toBeInstanceOf(CrmUnavailable);
  expect(seen).toHaveLength(1);
});

test('a record is created, read and missed', async () => {
  handler = json({ id: '00T000000000001AAA', success: true, errors: [] }, 201);
  expect(await crm.create('Task', { Subject: 'x' }, never)).toEqual({ id: '00T000000000001AAA' });
  handler = json({ Id: '001000000000001AAA', Name: 'Acme' });
  expect(await crm.retrieve('Account', '001000000000001AAA', ['Id', 'Name'], never)).toEqual({
    Id: '001000000000001AAA',
    Name: 'Acme',
  });
  handler = refusal(404, 'NOT_FOUND');
  expect(await crm.retrieve('Account', '001000000000001AAA', ['Id'], never)).toBeUndefined();
});

test('a path cannot be changed by a name or an id', async () => {
  await expect(crm.retrieve('Account', '../query?q=x', ['Id'], never)).rejects.toBeInstanceOf(TypeError);
  await expect(crm.describe('Account/../../x', never)).rejects.toBeInstanceOf(TypeError);
  expect(seen).toHaveLength(0);
});

test('the caller can give up at any moment, and no further page is asked for', async () => {
  const reason = new Error('the rep went away');
  const gone = new AbortController();
  handler = json({
    totalSize: 9,
    done: false,
    nextRecordsUrl: '/services/data/v66.0/query/01g',
    records: [{ Id: 'a' }],
  });
  const pages = crm.queryPages(QUERY, gone.signal);
  await pages.next();
  gone.abort(reason);
  await expect(pages.next()).rejects.toBe(reason);
  const asked = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(seen).toHaveLength(asked);
});

test('stopping to read pages stops the page that is under way', async () => {
  let closed = false;
  handler = (request, response) => {
    if (seen.length === 1) {
      json({ totalSize: 9, done: false, nextRecordsUrl: '/services/data/v66.0/query/01g', records: [] })(
        request,
        response,
      );
    } else {
      request.socket.once('close', () => (closed = true));
    }
  };
  for await (const page of crm.queryPages(QUERY, never)) {
    expect(page.isLast).toBe(false);
    await until('the next page is under way', () => seen.length === 2);
    break;
  }
  await until('it is stopped', () => closed);
});

test('the token cannot be printed through the connection', () => {
  let logged = '';
  pino({}, { write: (line: string) => (logged += line) }).info({ crm, nested: { crm } });
  expect(inspect(crm, { depth: 20, showHidden: true }) + JSON.stringify({ crm }) + logged).not.toContain('canary');
});
