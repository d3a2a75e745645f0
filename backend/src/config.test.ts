import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { ConfigError, loadConfig, SETTINGS, type Environment } from './config.ts';

const production: Environment = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://us.api.example.com',
  MONGODB_URI: 'mongodb+srv://user:pass@cluster.example.net/oneshot',
  SESSIONS_MONGODB_URI: 'mongodb://user:pass@sessions.example.net:27017/sessions?tls=true',
  SALESFORCE_CLIENT_ID: 'client',
  SALESFORCE_CLIENT_SECRET: 'canary-secret',
  KMS_KEY_ID: 'arn:aws:kms:us-east-1:1:key/1',
  LEDGER_URI: 'mongodb+srv://user:pass@ledger.example.net/ledger',
};

function refusal(env: Environment): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('These settings were accepted');
}

test('with nothing set it is a loopback development backend on the defaults of DESIGN 8', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    isProduction: false,
    host: '127.0.0.1',
    port: 4000,
    opsPort: 4001,
    publicUrl: undefined,
    region: { name: 'us' },
    previewOrigin: 'http://127.0.0.1:4200',
    rateLimitPerMinute: 600,
    openRateLimitPerMinute: 6000,
    drainSeconds: 0,
  });
  expect(config.mongodbUri.reveal()).toBe('mongodb://127.0.0.1:4300/oneshot');
  expect(config.sessionsMongodbUri.reveal()).toBe('mongodb://127.0.0.1:4300/oneshot_sessions');
  expect(config.salesforce).toMatchObject({
    clientId: 'oneshot-sandbox-client',
    loginUrl: 'http://127.0.0.1:4100/salesforce',
  });
  expect(config.salesforce.clientSecret.reveal()).toBe('oneshot-sandbox-secret');
});

test('the stand-ins are found on the ports they were given', () => {
  const config = loadConfig({ EMBEDDED_MONGODB_PORT: '45001', SANDBOX_PORT: '45002', PREVIEW_PORT: '45003' });
  expect(config.mongodbUri.reveal()).toBe('mongodb://127.0.0.1:45001/oneshot');
  expect(config.salesforce.loginUrl).toBe('http://127.0.0.1:45002/salesforce');
  expect(config.previewOrigin).toBe('http://127.0.0.1:45003');
});

test('the other providers stand in beside the Salesforce of the sandbox, or on its port', () => {
  expect(loadConfig({}).google?.loginUrl).toBe('http://127.0.0.1:4100/google');
  const { microsoft, outreach } = loadConfig({
    SALESFORCE_LOGIN_URL: 'http://127.0.0.1:45002/salesforce',
    OUTREACH_LOGIN_URL: 'http://127.0.0.1:45003/outreach/',
  });
  expect(microsoft).toMatchObject({ loginUrl: 'http://127.0.0.1:45002/microsoft', tenant: 'organizations' });
  expect(outreach?.loginUrl).toBe('http://127.0.0.1:45003/outreach');
});

test('with a client of its own a provider is the real one', () => {
  const { google } = loadConfig({ GOOGLE_CLIENT_ID: 'mine', GOOGLE_CLIENT_SECRET: 's' });
  expect(google).toMatchObject({ clientId: 'mine', loginUrl: undefined });
});

test('sessions go to the server of MONGODB_URI, in a database of their own, options included', () => {
  const { sessionsMongodbUri } = loadConfig({ MONGODB_URI: 'mongodb://u:p@127.0.0.1:1,127.0.0.1:2/main?replicaSet=r' });
  expect(sessionsMongodbUri.reveal()).toBe('mongodb://u:p@127.0.0.1:1,127.0.0.1:2/oneshot_sessions?replicaSet=r');
});

test('with a client of its own a development backend talks to the real Salesforce, from Lightning pages', () => {
  const config = loadConfig({ SALESFORCE_CLIENT_ID: '3MVG', SALESFORCE_CLIENT_SECRET: 's' });
  expect([config.salesforce.loginUrl, config.previewOrigin]).toEqual([undefined, undefined]);
});

test('an empty setting is one that is not set', () => {
  expect(loadConfig({ PORT: '', MONGODB_URI: ' ', SALESFORCE_CLIENT_ID: '' }).port).toBe(4000);
});

describe('a malformed setting stops the start with one line that names it and not its value', () => {
  test.each<[string, string]>([
    ['NODE_ENV', 'prod'],
    ['HOST', 'canary.example'],
    ['HOST', '0.0.0.0'],
    ['PORT', 'canary'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '4000.5'],
    ['OPS_PORT', 'canary'],
    ['PUBLIC_URL', 'canary'],
    ['PUBLIC_URL', 'ftp://canary.example'],
    ['PUBLIC_URL', 'http://canary.example'],
    ['PUBLIC_URL', 'https://canary.example/path'],
    ['PUBLIC_URL', 'https://canary.example?x'],
    ['PUBLIC_URL', 'https://user:canary@example.com'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '*'],
    ['TRUST_PROXY', '10.0.0.1,0.0.0.0/0'],
    ['TRUST_PROXY', '::/0'],
    ['TRUST_PROXY', 'canary.example'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.0/8/8'],
    ['ONESHOT_REGION', 'mars'],
    ['ONESHOT_REGION', 'US'],
    ['EMBEDDED_MONGODB_PORT', 'canary'],
    ['MONGODB_URI', 'postgres://canary@127.0.0.1/x'],
    ['MONGODB_URI', 'mongodb://127.0.0.1:4300'],
    ['MONGODB_URI', 'mongodb://127.0.0.1:4300/'],
    ['MONGODB_URI', 'mongodb://user:canary@db.example.net/oneshot'],
    ['MONGODB_URI', 'mongodb://127.0.0.1,db.example.net/oneshot'],
    ['MONGODB_URI', 'mongodb://db.example.net/oneshot?tls=true&tlsAllowInvalidCertificates=true'],
    ['MONGODB_URI', 'mongodb+srv://db.example.net/oneshot?tls=false'],
    ['SESSIONS_MONGODB_URI', 'canary'],
    ['KMS_KEY_ID', 'alias/canary'],
    ['KMS_KEY_ID', 'arn:aws:kms:us-east-1:1:alias/canary'],
    ['KMS_KEY_ID', 'arn:aws:kms:eu-west-1:1:key/canary'],
    ['KMS_KEY_ID', 'mrk-canary'],
    ['SALESFORCE_CLIENT_SECRET', ''],
    ['SALESFORCE_LOGIN_URL', 'canary'],
    ['SALESFORCE_LOGIN_URL', 'http://canary.example/salesforce'],
    ['SALESFORCE_LOGIN_URL', 'https://login.example/?canary'],
    ['GOOGLE_LOGIN_URL', 'canary'],
    ['MICROSOFT_LOGIN_URL', 'http://canary.example/microsoft'],
    ['OUTREACH_LOGIN_URL', 'https://login.example/?canary'],
    ['MICROSOFT_TENANT', '../canary'],
    ['PREVIEW_ORIGIN', 'http://127.0.0.1:4200/canary'],
    ['PREVIEW_ORIGIN', 'canary'],
    ['RATE_LIMIT_PER_MINUTE', '0'],
    ['RATE_LIMIT_PER_MINUTE', '1e3'],
    ['OPEN_RATE_LIMIT_PER_MINUTE', 'canary'],
    ['DRAIN_SECONDS', '61'],
    ['LOG_LEVEL', 'debug'],
  ])('%s=%s', (name, value) => {
    const error = refusal(value === '' ? { SALESFORCE_CLIENT_ID: 'x' } : { [name]: value });
    expect(error.setting).toBe(name);
    expect(error.message).toMatch(new RegExp(`^${name}: [^\n]+$`));
    expect(error.message).not.toContain('canary');
  });

  test.each([
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['TLS_CERT_FILE', { TLS_KEY_FILE: 'key.pem' }],
    ['SALESFORCE_CLIENT_ID', { SALESFORCE_CLIENT_SECRET: 'canary' }],
    ['GOOGLE_CLIENT_ID', { GOOGLE_CLIENT_SECRET: 'canary' }],
    ['MICROSOFT_CLIENT_SECRET', { MICROSOFT_CLIENT_ID: 'canary' }],
    ['OUTREACH_CLIENT_SECRET', { OUTREACH_CLIENT_ID: 'canary' }],
    ['MONGODB_URI', { EMBEDDED_MONGODB_PORT: '0' }],
    ['SALESFORCE_LOGIN_URL', { SANDBOX_PORT: '0' }],
    ['PREVIEW_ORIGIN', { PREVIEW_PORT: '0' }],
    ['SESSIONS_MONGODB_URI', { MONGODB_URI: 'mongodb://127.0.0.1/a', SESSIONS_MONGODB_URI: 'mongodb://127.0.0.1/a' }],
    ['KMS_KEY_ID', { KMS_ENDPOINT: 'http://127.0.0.1:4100/kms' }],
    ['KMS_KEY_ID', { KMS_PREVIOUS_KEY_ID: '1' }],
    ['KMS_PREVIOUS_KEY_ID', { KMS_KEY_ID: '1', KMS_PREVIOUS_KEY_ID: '1' }],
    ['KMS_ENDPOINT', { KMS_KEY_ID: '1', KMS_ENDPOINT: 'http://kms.example.com' }],
    ['KMS_KEY_ID', { HOST: '0.0.0.0', TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' }],
  ])('%s, in its company', (name, env) => {
    expect(refusal(env).setting).toBe(name);
  });
});

describe('in production', () => {
  test('production refuses plain http and everything else that is only for development', () => {
    for (const [name, value] of [
      ['PUBLIC_URL', undefined],
      ['PUBLIC_URL', 'http://127.0.0.1:4000'],
      ['MONGODB_URI', undefined],
      ['MONGODB_URI', 'mongodb://127.0.0.1/oneshot'],
      ['MONGODB_URI', 'mongodb://db.example.net/oneshot'],
      ['SESSIONS_MONGODB_URI', undefined],
      ['SESSIONS_MONGODB_URI', 'mongodb://db.example.net/oneshot'],
      ['SALESFORCE_CLIENT_ID', undefined],
      ['SALESFORCE_CLIENT_ID', 'oneshot-sandbox-client'],
      ['SALESFORCE_CLIENT_SECRET', undefined],
      ['SALESFORCE_LOGIN_URL', 'https://login.example'],
      ['GOOGLE_LOGIN_URL', 'https://google.example'],
      ['MICROSOFT_LOGIN_URL', 'https://microsoft.example'],
      ['OUTREACH_LOGIN_URL', 'https://outreach.example'],
      ['PREVIEW_ORIGIN', 'https://preview.example'],
      ['KMS_KEY_ID', undefined],
      ['LEDGER_URI', undefined],
      ['LEDGER_URI', 'mongodb://ledger.example.net/ledger'],
    ] as const) {
      const env = {
        ...production,
        ...(name === 'SALESFORCE_CLIENT_ID' && value === undefined ? { SALESFORCE_CLIENT_SECRET: undefined } : {}),
        [name]: value,
      };
      expect([name, value, refusal(env).setting]).toEqual([name, value, name]);
    }
  });

  test('the master key is a key of AWS KMS, in the AWS region of this region', () => {
    expect(loadConfig(production).masterKey).toEqual({
      kind: 'kms',
      keyId: 'arn:aws:kms:us-east-1:1:key/1',
      previousKeyId: undefined,
      endpoint: undefined,
      awsRegion: 'us-east-1',
    });
    expect(refusal({ ...production, ONESHOT_REGION: 'eu' }).message).toBe(
      'KMS_KEY_ID: must be a key of eu-central-1, where region eu is',
    );
  });

  test('the ledger outlives the process, and no restore of the database takes it along', () => {
    for (const LEDGER_URI of [
      'mongodb+srv://other:pass@CLUSTER.example.net/ledger',
      'mongodb://cluster.example.net:27017/ledger?tls=true',
    ])
      expect(refusal({ ...production, LEDGER_URI }).message).toBe(
        'LEDGER_URI: must lie on other servers than MONGODB_URI in production: they are restored as a whole',
      );
    const named = loadConfig({ ...production, LEDGER_URI: undefined, DATA_DIR: '/srv/oneshot' });
    expect(named.ledgerUri.reveal()).toBe('file:///srv/oneshot/ledger.jsonl');
    expect(loadConfig(production).ledgerUri.reveal()).toContain('ledger.example.net');
  });

  test.each([
    ['KMS_ENDPOINT', { KMS_ENDPOINT: 'http://127.0.0.1:4100/kms' }],
    ['KMS_PREVIOUS_KEY_ID', { KMS_PREVIOUS_KEY_ID: 'key-file' }],
  ])('%s of development is refused', (setting, env) => {
    expect(refusal({ ...production, ...env }).setting).toBe(setting);
  });
});

test('a configuration can be printed: what is secret stays so', () => {
  const config = loadConfig({
    SALESFORCE_CLIENT_ID: 'x',
    SALESFORCE_CLIENT_SECRET: 'canary',
    MONGODB_URI: 'mongodb://user:canary@127.0.0.1/oneshot',
  });
  expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('canary');
});

test('every setting has a type, a default and a reason, and stands once', () => {
  for (const { name, type, default: fallback, why } of SETTINGS) {
    expect(name).toMatch(/^[A-Z][A-Z_]+$/);
    expect([type, fallback, why].every((text) => text.length > 0)).toBe(true);
  }
  expect(new Set(SETTINGS.map(({ name }) => name)).size).toBe(SETTINGS.length);
});
