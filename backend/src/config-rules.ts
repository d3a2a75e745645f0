import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config, ProviderClient, SettingName } from './config-table.ts';
import type { Region } from './regions.ts';
import { KEY_FILE_BEFORE, type MasterKeySettings } from './vault/master-key.ts';
import { Secret } from './vault/secret.ts';

/** The start stops here: one line that names the setting and the rule, never the value. */
export class ConfigError extends Error {
  readonly setting: string;

  constructor(setting: string, rule: string) {
    super(`${setting}: ${rule}`);
    this.name = 'ConfigError';
    this.setting = setting;
  }
}

/** A setting's text, trimmed; undefined when empty or not set. */
type Read = (name: SettingName) => string | undefined;

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

export function oneOf<const Word extends string>(name: SettingName, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new ConfigError(name, `must be one of ${words.join(', ')}`);
  return found;
}

export function wholeNumber(name: SettingName, value: string, least: number, most: number, rule: string): number {
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least || number > most) throw new ConfigError(name, rule);
  return number;
}

export const portOf = (name: SettingName, value: string): number =>
  wholeNumber(name, value, 0, 65_535, 'must be a port, 0 to 65535');

export const limitOf = (name: SettingName, value: string): number =>
  wholeNumber(name, value, 1, 1_000_000, 'must be a whole number from 1 to 1000000');

/** Salesforce's rule for the namespace of a package: a letter first, at most 15 letters, digits, single underscores. */
export function namespaceOf(value: string): string {
  if (value !== '' && (value.length > 15 || !/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(value)))
    throw new ConfigError('PACKAGE_NAMESPACE', 'must be a namespace of at most 15 letters and digits');
  return value;
}

/** A stand-in's port where its address was not given: 0 would say nothing about where it came to listen. */
function standInPort(name: SettingName, value: string, address: SettingName): number {
  const port = portOf(name, value);
  if (port === 0) throw new ConfigError(address, `is required while ${name} is 0`);
  return port;
}

export function tlsOf(read: Read): Config['tls'] {
  const certFile = read('TLS_CERT_FILE');
  const keyFile = read('TLS_KEY_FILE');
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw new ConfigError('TLS_CERT_FILE', 'is required with TLS_KEY_FILE');
  if (keyFile === undefined) throw new ConfigError('TLS_KEY_FILE', 'is required with TLS_CERT_FILE');
  return { certFile: resolve(certFile), keyFile: resolve(keyFile) };
}

export function hostOf(host: string, hasTls: boolean): string {
  if (isIP(host) === 0) throw new ConfigError('HOST', 'must be an IP address, e.g. 127.0.0.1 or 0.0.0.0');
  if (!isLoopback(host) && !hasTls)
    throw new ConfigError('HOST', 'must be on loopback, or TLS_CERT_FILE and TLS_KEY_FILE must be set');
  return host;
}

export function publicUrlOf(value: string | undefined, isProduction: boolean): string | undefined {
  if (value === undefined) {
    if (isProduction) throw new ConfigError('PUBLIC_URL', 'is required in production');
    return undefined;
  }
  const origin = originOf('PUBLIC_URL', value);
  if (origin.startsWith('http:') && isProduction) throw new ConfigError('PUBLIC_URL', 'must be https in production');
  return origin;
}

/** An origin, http on loopback only. */
function originOf(name: SettingName, value: string): string {
  const url = webUrl(name, value);
  if (url.pathname !== '/' || value.includes('?') || value.includes('#'))
    throw new ConfigError(name, 'must be an origin without a path, e.g. https://us.api.example.com');
  return url.origin;
}

function webUrl(name: SettingName, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new ConfigError(name, 'must be a http or https URL');
  if (url.username !== '' || url.password !== '') throw new ConfigError(name, 'must not hold a user or a password');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new ConfigError(name, 'must be https, except on loopback');
  return url;
}

export function proxiesOf(value: string | undefined): readonly string[] {
  const proxies = (value ?? '').split(',').map((proxy) => proxy.trim());
  return proxies.filter((proxy) => {
    if (proxy === '') return false;
    if (proxy === '*' || /^[0.:]+\/0$/.test(proxy))
      throw new ConfigError('TRUST_PROXY', 'must not be everybody: anyone could then write their own address');
    const [address = '', bits, rest] = proxy.split('/');
    const version = isIP(address);
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
    if (version === 0 || !isNetwork || rest !== undefined)
      throw new ConfigError('TRUST_PROXY', 'must be a list of IP addresses or networks (10.0.0.0/8), with commas');
    return true;
  });
}

export function regionOf(name: string, regions: readonly Region[]): Region {
  const region = regions.find((one) => one.name === name);
  if (region === undefined)
    throw new ConfigError('ONESHOT_REGION', `must be one of ${regions.map((one) => one.name).join(', ')}`);
  return region;
}

export function mainDatabase(read: Read, isProduction: boolean): string {
  const uri = read('MONGODB_URI');
  if (uri !== undefined) return databaseUri('MONGODB_URI', uri, isProduction);
  if (isProduction) throw new ConfigError('MONGODB_URI', 'is required in production');
  const port = standInPort('EMBEDDED_MONGODB_PORT', read('EMBEDDED_MONGODB_PORT') ?? '4300', 'MONGODB_URI');
  return `mongodb://127.0.0.1:${port}/oneshot`;
}

export function sessionsDatabase(read: Read, isProduction: boolean, mainUri: string): string {
  const uri = read('SESSIONS_MONGODB_URI');
  if (uri !== undefined) {
    const checked = databaseUri('SESSIONS_MONGODB_URI', uri, isProduction);
    if (placeOf(checked) === placeOf(mainUri))
      throw new ConfigError('SESSIONS_MONGODB_URI', 'must name another database than MONGODB_URI');
    return checked;
  }
  if (isProduction) throw new ConfigError('SESSIONS_MONGODB_URI', 'is required in production');
  return mainUri.replace(DATABASE_URI, '$1oneshot_sessions$3');
}

/**
 * Where the ledger lies. In production never by chance: a container's own folder would end with it, and the database's
 * cluster would be restored together with it.
 */
export function ledgerOf(read: Read, isProduction: boolean, dataDir: string, mainUri: string): string {
  const named = read('LEDGER_URI');
  if (named === undefined && isProduction && read('DATA_DIR') === undefined)
    throw new ConfigError(
      'LEDGER_URI',
      'is required in production, unless DATA_DIR names a folder that outlives the process',
    );
  const uri = named ?? pathToFileURL(join(dataDir, 'ledger.jsonl')).href;
  if (uri.startsWith('file:')) {
    if (!URL.canParse(uri) || new URL(uri).host !== '' || !new URL(uri).pathname.startsWith('/'))
      throw new ConfigError(
        'LEDGER_URI',
        'must be file:///path, mongodb://host/database or mongodb+srv://host/database',
      );
    return uri;
  }
  const checked = databaseUri('LEDGER_URI', uri, isProduction);
  if (placeOf(checked) === placeOf(mainUri))
    throw new ConfigError('LEDGER_URI', 'must name another database than MONGODB_URI: a restore must not take it back');
  if (isProduction && serversOf(checked) === serversOf(mainUri))
    throw new ConfigError(
      'LEDGER_URI',
      'must lie on other servers than MONGODB_URI in production: they are restored as a whole',
    );
  return checked;
}

export function operatorsOf(read: Read): Config['operators'] {
  const file = read('OPERATORS_FILE');
  const signer = read('OPERATORS_SIGNER');
  if (file === undefined && signer === undefined) return undefined;
  if (file === undefined) throw new ConfigError('OPERATORS_FILE', 'is required with OPERATORS_SIGNER');
  if (signer === undefined) throw new ConfigError('OPERATORS_SIGNER', 'is required with OPERATORS_FILE');
  if (!/^(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*(?: .*)?$/.test(signer))
    throw new ConfigError('OPERATORS_SIGNER', 'must be an Ed25519 public key as ssh-keygen writes it');
  return { file: resolve(file), signer };
}

/** Hosts and database name, in one spelling: what two URIs must not share. */
const placeOf = (uri: string): string => `${serversOf(uri)}/${DATABASE_URI.exec(uri)?.[2] ?? ''}`;

/** Hosts with their ports, in one spelling. */
function serversOf(uri: string): string {
  const [, server = ''] = DATABASE_URI.exec(uri) ?? [];
  const hosts = server
    .replace(/^mongodb(?:\+srv)?:\/\//, '')
    .replace(/^.*@/, '')
    .slice(0, -1)
    .toLowerCase()
    .split(',')
    .map((host) => (/:\d+$/.test(host) ? host : `${host}:27017`));
  return hosts.sort().join(',');
}

/** Scheme, hosts and slash; database name; options. */
const DATABASE_URI = /^(mongodb(?:\+srv)?:\/\/[^/?#\s]+\/)([A-Za-z0-9_-]{1,38})(\?[^#\s]*)?$/;

/** @throws ConfigError no database name, no TLS where it is needed, or TLS without checking the certificate */
function databaseUri(name: SettingName, uri: string, isProduction: boolean): string {
  const parts = DATABASE_URI.exec(uri);
  if (parts === null)
    throw new ConfigError(name, 'must be mongodb://host/database or mongodb+srv://host/database, with a database name');
  const options = new URLSearchParams((parts[3] ?? '').toLowerCase());
  const tls = options.get('tls') ?? options.get('ssl') ?? (uri.startsWith('mongodb+srv:') ? 'true' : 'false');
  const hosts = (parts[1] ?? '')
    .replace(/^mongodb(?:\+srv)?:\/\//, '')
    .replace(/^.*@/, '')
    .slice(0, -1)
    .split(',');
  const isLocal = hosts.every((host) => isLoopback(host.replace(/:\d+$/, '')));
  if (tls !== 'true' && isProduction) throw new ConfigError(name, 'must use TLS in production (tls=true)');
  if (tls !== 'true' && !isLocal) throw new ConfigError(name, 'must use TLS off loopback (tls=true)');
  const unchecked = ['tlsinsecure', 'tlsallowinvalidcertificates', 'tlsallowinvalidhostnames'];
  if (unchecked.some((option) => options.get(option) === 'true') && (isProduction || !isLocal))
    throw new ConfigError(name, 'must check the certificate of the database');
  return uri;
}

/** A key id, or an ARN whose fourth part is the AWS region. No alias: somebody could point it elsewhere. */
const KMS_KEY = /^(?:arn:aws(?:-[a-z]+)*:kms:([a-z]{2}(?:-[a-z]+)+-\d):\d+:key\/)?([A-Za-z0-9-]{1,64})$/;

/** @throws ConfigError a setting of the master key that is malformed, or is not for here */
export function masterKeyOf(read: Read, region: Region, isProduction: boolean, isRequired: boolean): MasterKeySettings {
  const keyId = read('KMS_KEY_ID');
  const previousKeyId = read('KMS_PREVIOUS_KEY_ID');
  const endpoint = read('KMS_ENDPOINT');
  if (keyId === undefined) {
    if (isRequired)
      throw new ConfigError(
        'KMS_KEY_ID',
        'is required in production and off loopback: a key file is for development on loopback',
      );
    if (endpoint !== undefined) throw new ConfigError('KMS_KEY_ID', 'is required with KMS_ENDPOINT');
    if (previousKeyId !== undefined) throw new ConfigError('KMS_KEY_ID', 'is required with KMS_PREVIOUS_KEY_ID');
    return { kind: 'keyFile' };
  }
  const { awsRegion } = region;
  if (awsRegion === undefined)
    throw new ConfigError('KMS_KEY_ID', `needs the awsRegion of region ${region.name} in config/regions.json`);
  return {
    kind: 'kms',
    keyId: kmsKeyOf('KMS_KEY_ID', keyId, region.name, awsRegion),
    previousKeyId: previousKeyOf(previousKeyId, keyId, region.name, awsRegion, isRequired),
    endpoint: endpoint === undefined ? undefined : kmsEndpointOf(endpoint, isProduction),
    awsRegion,
  };
}

function kmsKeyOf(name: SettingName, value: string, region: string, awsRegion: string): string {
  const parts = KMS_KEY.exec(value);
  if (parts === null) throw new ConfigError(name, 'must be the id or ARN of an AWS KMS key, not an alias');
  if (parts[1] !== undefined && parts[1] !== awsRegion)
    throw new ConfigError(name, `must be a key of ${awsRegion}, where region ${region} is`);
  if (parts[2]?.startsWith('mrk-') === true)
    throw new ConfigError(name, 'must not be a multi-Region key: its copies would open the data in other regions');
  return value;
}

function previousKeyOf(
  value: string | undefined,
  keyId: string,
  region: string,
  awsRegion: string,
  isRequired: boolean,
): string | undefined {
  if (value === undefined) return undefined;
  if (value === keyId) throw new ConfigError('KMS_PREVIOUS_KEY_ID', 'must be another key than KMS_KEY_ID');
  if (value !== KEY_FILE_BEFORE) return kmsKeyOf('KMS_PREVIOUS_KEY_ID', value, region, awsRegion);
  if (isRequired)
    throw new ConfigError('KMS_PREVIOUS_KEY_ID', 'must be a key of AWS KMS in production and off loopback');
  return value;
}

function kmsEndpointOf(value: string, isProduction: boolean): string {
  const url = webUrl('KMS_ENDPOINT', value);
  if (isProduction && url.protocol !== 'https:') throw new ConfigError('KMS_ENDPOINT', 'must be https in production');
  if (url.search !== '' || url.hash !== '')
    throw new ConfigError('KMS_ENDPOINT', 'must not have a query or a fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const SANDBOX_CLIENT = { id: 'oneshot-sandbox-client', secret: 'oneshot-sandbox-secret' } as const;

export function salesforceOf(read: Read, isProduction: boolean): Config['salesforce'] {
  const id = read('SALESFORCE_CLIENT_ID');
  const secret = read('SALESFORCE_CLIENT_SECRET');
  const loginUrl = read('SALESFORCE_LOGIN_URL');
  if (isProduction && loginUrl !== undefined)
    throw new ConfigError(
      'SALESFORCE_LOGIN_URL',
      'is refused in production: the login host comes from the Lightning origin',
    );
  if (id === undefined && secret !== undefined)
    throw new ConfigError('SALESFORCE_CLIENT_ID', 'is required with SALESFORCE_CLIENT_SECRET');
  if (id === undefined && isProduction) throw new ConfigError('SALESFORCE_CLIENT_ID', 'is required in production');
  if (id !== undefined && secret === undefined)
    throw new ConfigError('SALESFORCE_CLIENT_SECRET', 'is required with SALESFORCE_CLIENT_ID');
  const isSandbox = id === undefined || id === SANDBOX_CLIENT.id;
  if (isProduction && isSandbox) throw new ConfigError('SALESFORCE_CLIENT_ID', 'must be your own client in production');
  return {
    clientId: id ?? SANDBOX_CLIENT.id,
    clientSecret: Secret.of(secret ?? SANDBOX_CLIENT.secret),
    loginUrl: loginUrl === undefined ? (isSandbox ? sandboxLogin(read) : undefined) : loginUrlOf(loginUrl),
  };
}

const sandboxLogin = (read: Read, name: SettingName = 'SALESFORCE_LOGIN_URL', path = 'salesforce'): string =>
  `http://127.0.0.1:${standInPort('SANDBOX_PORT', read('SANDBOX_PORT') ?? '4100', name)}/${path}`;

/**
 * Our client at Google, Microsoft or Outreach. Development uses the sandbox where nothing is set.
 * @returns undefined in production without credentials: that provider is not offered
 */
export function providerOf(
  read: Read,
  isProduction: boolean,
  provider: 'GOOGLE' | 'MICROSOFT' | 'OUTREACH',
): ProviderClient | undefined {
  const names = {
    id: `${provider}_CLIENT_ID`,
    secret: `${provider}_CLIENT_SECRET`,
    loginUrl: `${provider}_LOGIN_URL`,
  } as const;
  const id = read(names.id);
  const secret = read(names.secret);
  const loginUrl = read(names.loginUrl);
  if (isProduction && loginUrl !== undefined)
    throw new ConfigError(names.loginUrl, 'is refused in production: stand-ins are for development');
  if (id === undefined && secret !== undefined) throw new ConfigError(names.id, `is required with ${names.secret}`);
  if (id !== undefined && secret === undefined) throw new ConfigError(names.secret, `is required with ${names.id}`);
  if (isProduction && id === SANDBOX_CLIENT.id)
    throw new ConfigError(names.id, 'must be your own client in production');
  if (isProduction && id === undefined) return undefined;
  const isSandbox = id === undefined || id === SANDBOX_CLIENT.id;
  const standIn = isSandbox ? siblingOfSalesforce(read, names.loginUrl, provider.toLowerCase()) : undefined;
  return {
    clientId: id ?? SANDBOX_CLIENT.id,
    clientSecret: Secret.of(secret ?? SANDBOX_CLIENT.secret),
    loginUrl: loginUrl === undefined ? standIn : loginUrlOf(loginUrl, names.loginUrl),
  };
}

/** The sandbox that SALESFORCE_LOGIN_URL names serves the other providers beside it; else the one at SANDBOX_PORT. */
function siblingOfSalesforce(read: Read, name: SettingName, path: string): string {
  const salesforce = read('SALESFORCE_LOGIN_URL');
  const sandbox = salesforce === undefined ? null : /^(http:.*)\/salesforce$/.exec(loginUrlOf(salesforce));
  return sandbox?.[1] === undefined ? sandboxLogin(read, name, path) : `${sandbox[1]}/${path}`;
}

/** A tenant of Microsoft's URLs: a word of theirs, a GUID or a domain; nothing that could leave its path segment. */
export function tenantOf(value: string): string {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}[A-Za-z0-9])?$/.test(value))
    throw new ConfigError('MICROSOFT_TENANT', 'must be organizations, common, or the id or domain of a tenant');
  return value;
}

function loginUrlOf(value: string, name: SettingName = 'SALESFORCE_LOGIN_URL'): string {
  const url = webUrl(name, value);
  if (url.search !== '' || url.hash !== '') throw new ConfigError(name, 'must not have a query or a fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

export function previewOriginOf(read: Read, isProduction: boolean, hasLoginUrl: boolean): string | undefined {
  const origin = read('PREVIEW_ORIGIN');
  if (isProduction && origin !== undefined)
    throw new ConfigError('PREVIEW_ORIGIN', 'is refused in production: only Lightning pages may sign in');
  if (!hasLoginUrl) return undefined;
  if (origin !== undefined) return originOf('PREVIEW_ORIGIN', origin);
  return `http://127.0.0.1:${standInPort('PREVIEW_PORT', read('PREVIEW_PORT') ?? '4200', 'PREVIEW_ORIGIN')}`;
}
