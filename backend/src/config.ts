import { resolve } from 'node:path';
import {
  isLoopback,
  hostOf,
  ledgerOf,
  limitOf,
  namespaceOf,
  mainDatabase,
  masterKeyOf,
  oneOf,
  operatorsOf,
  portOf,
  previewOriginOf,
  providerOf,
  proxiesOf,
  publicUrlOf,
  regionOf,
  salesforceOf,
  sessionsDatabase,
  tenantOf,
  tlsOf,
  wholeNumber,
} from './config-rules.ts';
import type { Config, SettingName } from './config-table.ts';
import { readRegions } from './regions.ts';
import { Secret } from './vault/secret.ts';

export { ConfigError, isLoopback } from './config-rules.ts';
export { SETTINGS, type Config } from './config-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the settings.
 * @param env usually `process.env`; an empty value counts as not set
 * @throws ConfigError the first setting that is missing or malformed
 */
export function loadConfig(env: Environment): Config {
  const read = (name: SettingName): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const isProduction =
    oneOf('NODE_ENV', read('NODE_ENV') ?? 'development', ['production', 'development', 'test']) === 'production';
  const port = portOf('PORT', read('PORT') ?? '4000');
  const regions = readRegions();
  const tls = tlsOf(read);
  const host = hostOf(read('HOST') ?? '127.0.0.1', tls !== undefined);
  const dataDir = resolve(read('DATA_DIR') ?? '.data');
  const mongodbUri = mainDatabase(read, isProduction);
  const region = regionOf(read('ONESHOT_REGION') ?? 'us', regions);
  const salesforce = salesforceOf(read, isProduction);
  const microsoft = providerOf(read, isProduction, 'MICROSOFT');
  const tenant = tenantOf(read('MICROSOFT_TENANT') ?? 'organizations');
  return {
    isProduction,
    host,
    port,
    opsPort: portOf('OPS_PORT', read('OPS_PORT') ?? '4001'),
    publicUrl: publicUrlOf(read('PUBLIC_URL'), isProduction),
    tls,
    trustProxy: proxiesOf(read('TRUST_PROXY')),
    region,
    regions,
    dataDir,
    operators: operatorsOf(read),
    backupDays: wholeNumber(
      'BACKUP_DAYS',
      read('BACKUP_DAYS') ?? '35',
      0,
      3_650,
      'must be a number of days, 0 to 3650',
    ),
    mongodbUri: Secret.of(mongodbUri),
    sessionsMongodbUri: Secret.of(sessionsDatabase(read, isProduction, mongodbUri)),
    salesforce,
    google: providerOf(read, isProduction, 'GOOGLE'),
    microsoft: microsoft === undefined ? undefined : { ...microsoft, tenant },
    outreach: providerOf(read, isProduction, 'OUTREACH'),
    packageNamespace: namespaceOf(read('PACKAGE_NAMESPACE') ?? ''),
    previewOrigin: previewOriginOf(read, isProduction, salesforce.loginUrl !== undefined),
    rateLimitPerMinute: limitOf('RATE_LIMIT_PER_MINUTE', read('RATE_LIMIT_PER_MINUTE') ?? '600'),
    openRateLimitPerMinute: limitOf(
      'OPEN_RATE_LIMIT_PER_MINUTE',
      read('OPEN_RATE_LIMIT_PER_MINUTE') ?? (isProduction || !isLoopback(host) ? '60' : '6000'),
    ),
    drainSeconds: wholeNumber(
      'DRAIN_SECONDS',
      read('DRAIN_SECONDS') ?? (isProduction ? '5' : '0'),
      0,
      60,
      'must be a whole number from 0 to 60',
    ),
    logLevel: oneOf('LOG_LEVEL', read('LOG_LEVEL') ?? 'info', ['info', 'warn', 'error', 'silent']),
    // Last: everything else is told first.
    masterKey: masterKeyOf(read, region, isProduction, isProduction || !isLoopback(host)),
    ledgerUri: Secret.of(ledgerOf(read, isProduction, dataDir, mongodbUri)),
  };
}
