import { createServer, type Server } from 'node:http';
import { get } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { request } from 'undici';
import { loadConfig } from './config.ts';
import { egressRules, enforceEgress, type EgressRule } from './egress.ts';

let allowed: Server;
let other: Server;
let otherCalls = 0;
let takeOff: (() => void) | undefined;
let refused = 0;

beforeAll(async () => {
  [allowed, other] = await Promise.all([listening(() => undefined), listening(() => (otherCalls += 1))]);
});
afterEach(() => {
  takeOff?.();
  refused = 0;
});
afterAll(async () => {
  for (const server of [allowed, other]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(onCall: () => void): Promise<Server> {
  const server = createServer((_request, response) => {
    onCall();
    response.end('there');
  });
  server.on('connection', onCall);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function enforce(rules: readonly EgressRule[] = [{ host: '127.0.0.1', port: portOf(allowed) }]): void {
  takeOff = enforceEgress(rules, () => (refused += 1));
}

test('what is in the list is reached, by any library', async () => {
  enforce();
  const url = `http://127.0.0.1:${portOf(allowed)}/`;
  expect(await (await request(url)).body.text()).toBe('there');
  expect(await (await fetch(url)).text()).toBe('there');
  expect(refused).toBe(0);
});

describe('what is not in the list is refused before a byte is sent, to', () => {
  const url = (): string => `http://127.0.0.1:${portOf(other)}/`;
  test.each<[string, () => Promise<unknown>]>([
    ['undici', () => request(url())],
    ['fetch', () => fetch(url())],
    ["Node's own client", () => new Promise((resolve, reject) => get(url(), resolve).once('error', reject))],
    [
      'a bare socket',
      () =>
        new Promise((resolve, reject) => connect(portOf(other), '127.0.0.1', () => resolve(1)).once('error', reject)),
    ],
    [
      "the database's driver",
      () =>
        mongoose
          .createConnection(`mongodb://127.0.0.1:${portOf(other)}/x`, { serverSelectionTimeoutMS: 300 })
          .asPromise(),
    ],
  ])('%s', async (_who, call) => {
    otherCalls = 0;
    enforce();
    await expect(call()).rejects.toThrow();
    expect(refused).toBeGreaterThan(0);
    expect(otherCalls).toBe(0);
  });

  test.each(['my.salesforce.com', 'evil-my.salesforce.com.example', 'acme.my.salesforce.com.', '169.254.169.254'])(
    'a host that only looks like one: %s',
    async (host) => {
      enforce([{ host: '.my.salesforce.com', port: 1 }]);
      await expect(request(`http://${host}:80/`)).rejects.toThrow();
      expect(refused).toBe(1);
    },
  );

  test('a socket of the machine', async () => {
    enforce();
    await expect(
      new Promise((resolve, reject) => connect('/run/docker.sock', () => resolve(1)).once('error', reject)),
    ).rejects.toThrow('may not connect');
  });
});

test('in production it is the databases, Salesforce, the providers that are offered, and KMS', () => {
  const rules = egressRules(
    loadConfig({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://us.api.example.com',
      MONGODB_URI: 'mongodb+srv://user:word@main.abc.mongodb.net/oneshot',
      SESSIONS_MONGODB_URI: 'mongodb://s1.example.com:27018,s2.example.com/sessions?tls=true',
      LEDGER_URI: 'mongodb+srv://user:word@ledger.def.mongodb.net/ledger',
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 'secret',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      KMS_KEY_ID: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    }),
  ).map(({ host, port }) => `${host}:${port ?? '*'}`);
  expect([...new Set(rules)].sort()).toEqual(
    [
      '.abc.mongodb.net:*',
      '.def.mongodb.net:*',
      's1.example.com:27018',
      's2.example.com:27017',
      '.my.salesforce.com:443',
      '.my.salesforce.mil:443',
      'accounts.google.com:443',
      'gmail.googleapis.com:443',
      'oauth2.googleapis.com:443',
      'openidconnect.googleapis.com:443',
      'kms.us-east-1.amazonaws.com:443',
      'sts.us-east-1.amazonaws.com:443',
      '169.254.169.254:80',
      '169.254.170.2:80',
      '169.254.170.23:80',
    ].sort(),
  );
});
