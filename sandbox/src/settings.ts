import type { SandboxSettings } from './app.ts';
import { defaultRedirectUris } from './index.ts';

/** A setting that is malformed; the message is one line that names it. */
export class SettingError extends Error {
  constructor(name: string, rule: string) {
    super(`${name} ${rule}`);
    this.name = 'SettingError';
  }
}

/**
 * Reads the settings of the process.
 * @throws SettingError
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SandboxSettings & { port: number } {
  const accountsCsv = env.SANDBOX_ACCOUNTS_CSV;
  return {
    port: readWhole(env, 'SANDBOX_PORT', 0, 65_535) ?? 4100,
    accounts: readWhole(env, 'SANDBOX_ACCOUNTS', 0, 1_000_000),
    accountsCsv: accountsCsv === '' ? undefined : accountsCsv,
    namespace: readNamespace(env.SANDBOX_PACKAGE_NAMESPACE),
    redirectUris: readRedirectUris(env.SANDBOX_REDIRECT_URIS) ?? callbackOf(env),
    salesforceUrl: readOrigin(env, 'SANDBOX_SALESFORCE_URL'),
  };
}

function readWhole(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (!(number >= least && number <= most)) {
    throw new SettingError(name, `must be a whole number from ${least} to ${most}`);
  }
  return number;
}

function readOrigin(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (!/^https?:\/\//.test(value) || !URL.canParse(value) || new URL(value).origin !== value)
    throw new SettingError(name, 'must be an origin, e.g. https://demo.my.salesforce.com');
  return value;
}

/** Salesforce's rule: a letter, at most 15 letters, digits and single underscores. */
function readNamespace(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (!/^[A-Za-z](?:_?[A-Za-z0-9]){0,14}$/.test(value) || value.length > 15) {
    throw new SettingError('SANDBOX_PACKAGE_NAMESPACE', 'must be a namespace of at most 15 letters and digits');
  }
  return value;
}

/** The callback of a backend that is started with the same settings, alone or by `npm start`. */
function callbackOf({ PUBLIC_URL, PORT }: Readonly<Record<string, string | undefined>>): readonly string[] {
  const hasUrl = PUBLIC_URL !== undefined && PUBLIC_URL !== '';
  if (!hasUrl && (PORT === undefined || PORT === '' || PORT === '0')) return defaultRedirectUris;
  const origin = hasUrl ? PUBLIC_URL : `http://127.0.0.1:${PORT}`;
  if (!/^https?:/.test(origin) || !URL.canParse(origin))
    throw new SettingError(hasUrl ? 'PUBLIC_URL' : 'PORT', 'must be where the backend answers');
  return [`${new URL(origin).origin}/v1/auth/salesforce/callback`];
}

function readRedirectUris(value: string | undefined): readonly string[] | undefined {
  if (value === undefined || value === '') return undefined;
  const uris = value.split(',').map((uri) => uri.trim());
  if (!uris.every((uri) => /^https?:\/\/[^#]+$/.test(uri) && URL.canParse(uri))) {
    throw new SettingError('SANDBOX_REDIRECT_URIS', 'must be http or https URLs without a fragment, comma separated');
  }
  return uris;
}
