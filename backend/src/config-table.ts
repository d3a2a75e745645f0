import type { Region } from './regions.ts';
import type { MasterKeySettings } from './vault/master-key.ts';
import type { Secret } from './vault/secret.ts';

/** A setting in words, for whoever reads the table below. */
export interface SettingRow {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly why: string;
}

/** Every setting of the backend (DESIGN 8). `loadConfig` reads no name that is not here. */
export const SETTINGS = [
  {
    name: 'NODE_ENV',
    type: 'production, development or test',
    default: 'development',
    why: 'production refuses every stand-in and every default that is for development',
  },
  {
    name: 'HOST',
    type: 'IP address',
    default: '127.0.0.1',
    why: 'where the backend listens; off loopback only with TLS',
  },
  { name: 'PORT', type: 'port, 0 takes any free one', default: '4000', why: 'the API' },
  { name: 'OPS_PORT', type: 'port, 0 takes any free one', default: '4001', why: 'metrics, on loopback only' },
  {
    name: 'PUBLIC_URL',
    type: 'origin',
    default: 'where the backend listens',
    why: 'what browsers and Salesforce call; https, except on loopback in development',
  },
  {
    name: 'TLS_CERT_FILE',
    type: 'path',
    default: 'none',
    why: 'certificate chain (PEM); with TLS_KEY_FILE, always, off loopback',
  },
  { name: 'TLS_KEY_FILE', type: 'path', default: 'none', why: 'private key (PEM) of TLS_CERT_FILE' },
  {
    name: 'TRUST_PROXY',
    type: 'list of IP addresses or networks',
    default: 'none',
    why: 'whose X-Forwarded-For counts for the limit per address',
  },
  {
    name: 'ONESHOT_REGION',
    type: 'a name of config/regions.json',
    default: 'us',
    why: 'the region whose data this backend may hold',
  },
  {
    name: 'DATA_DIR',
    type: 'path',
    default: '.data',
    why: 'the development master key; several backends may share it',
  },
  {
    name: 'EMBEDDED_MONGODB_PORT',
    type: 'port',
    default: '4300',
    why: 'development: where the embedded database listens while MONGODB_URI is not set',
  },
  {
    name: 'MONGODB_URI',
    type: 'MongoDB URI with a database name',
    default: 'the embedded database, oneshot',
    why: 'what is kept and backed up; TLS off loopback, and always in production',
  },
  {
    name: 'SESSIONS_MONGODB_URI',
    type: 'MongoDB URI with a database name',
    default: 'the server of MONGODB_URI, oneshot_sessions',
    why: 'sessions and sign-ins, never backed up; a cluster of its own in production',
  },
  {
    name: 'LEDGER_URI',
    type: 'file: or MongoDB URI',
    default: 'the file ledger.jsonl in DATA_DIR; required in production where DATA_DIR is not named either',
    why: 'erasures and revocations, outside of what MONGODB_URI is restored from; never in its backups',
  },
  {
    name: 'BACKUP_DAYS',
    type: 'whole number, 0 to 3650',
    default: '35',
    why: 'how long a backup of MONGODB_URI is kept: receipts of erasure name the day when the last one is gone',
  },
  {
    name: 'OPERATORS_FILE',
    type: 'path',
    default: 'none: no operator can act',
    why: 'who may act for `npm run ops`, with training dates; its signature lies beside it as .sig',
  },
  {
    name: 'OPERATORS_SIGNER',
    type: 'SSH public key',
    default: 'none: no operator can act',
    why: 'whose signature makes OPERATORS_FILE count',
  },
  {
    name: 'KMS_KEY_ID',
    type: 'AWS KMS key id or ARN',
    default: 'none: a key file in DATA_DIR, loopback only',
    why: 'the master key; required in production, and of the AWS region that config/regions.json names',
  },
  {
    name: 'KMS_PREVIOUS_KEY_ID',
    type: 'AWS KMS key id or ARN, or key-file in development',
    default: 'none',
    why: 'the other master key while keys are moved: it opens and wraps nothing; by its ARN it needs no right but kms:Decrypt',
  },
  {
    name: 'KMS_ENDPOINT',
    type: 'URL',
    default: "AWS's own",
    why: 'an interface endpoint, https; in development a stand-in on loopback',
  },
  {
    name: 'SALESFORCE_CLIENT_ID',
    type: 'text',
    default: "development: the sandbox's",
    why: "consumer key of the customer's or the vendor's External Client App",
  },
  {
    name: 'SALESFORCE_CLIENT_SECRET',
    type: 'text',
    default: "development: the sandbox's",
    why: 'consumer secret; printed nowhere',
  },
  {
    name: 'SALESFORCE_LOGIN_URL',
    type: 'URL',
    default: 'development: the sandbox, while SALESFORCE_CLIENT_ID is not set',
    why: 'development: the login host itself; refused in production, where it is derived from the Lightning origin',
  },
  {
    name: 'GOOGLE_CLIENT_ID',
    type: 'text',
    default: "development: the sandbox's; production: none, Gmail is not offered",
    why: 'our client at Google',
  },
  {
    name: 'GOOGLE_CLIENT_SECRET',
    type: 'text',
    default: "development: the sandbox's",
    why: 'printed nowhere',
  },
  {
    name: 'GOOGLE_LOGIN_URL',
    type: 'URL',
    default: 'development: the sandbox, while GOOGLE_CLIENT_ID is not set',
    why: 'development: stands in for all hosts of Google; refused in production',
  },
  {
    name: 'MICROSOFT_CLIENT_ID',
    type: 'text',
    default: "development: the sandbox's; production: none, Outlook is not offered",
    why: 'our client at Microsoft',
  },
  {
    name: 'MICROSOFT_CLIENT_SECRET',
    type: 'text',
    default: "development: the sandbox's",
    why: 'printed nowhere',
  },
  {
    name: 'MICROSOFT_LOGIN_URL',
    type: 'URL',
    default: 'development: the sandbox, while MICROSOFT_CLIENT_ID is not set',
    why: 'development: stands in for all hosts of Microsoft; refused in production',
  },
  {
    name: 'MICROSOFT_TENANT',
    type: 'organizations, common, or a tenant id or domain',
    default: 'organizations',
    why: 'whose accounts may connect Outlook',
  },
  {
    name: 'OUTREACH_CLIENT_ID',
    type: 'text',
    default: "development: the sandbox's; production: none, Outreach is not offered",
    why: 'our client at Outreach',
  },
  {
    name: 'OUTREACH_CLIENT_SECRET',
    type: 'text',
    default: "development: the sandbox's",
    why: 'printed nowhere',
  },
  {
    name: 'OUTREACH_LOGIN_URL',
    type: 'URL',
    default: 'development: the sandbox, while OUTREACH_CLIENT_ID is not set',
    why: 'development: stands in for all hosts of Outreach; refused in production',
  },
  {
    name: 'PACKAGE_NAMESPACE',
    type: 'namespace of a managed package',
    default: 'none: objects and permissions without one',
    why: "what Salesforce puts in front of the package's objects, fields and permissions; only those count",
  },
  {
    name: 'SANDBOX_PORT',
    type: 'port',
    default: '4100',
    why: 'development: where the sandbox listens while SALESFORCE_LOGIN_URL and the others are not set',
  },
  {
    name: 'PREVIEW_ORIGIN',
    type: 'origin',
    default: 'development: http://127.0.0.1:4200',
    why: 'with SALESFORCE_LOGIN_URL the one origin that may sign in; refused in production',
  },
  {
    name: 'PREVIEW_PORT',
    type: 'port',
    default: '4200',
    why: 'development: where the preview listens while PREVIEW_ORIGIN is not set',
  },
  {
    name: 'RATE_LIMIT_PER_MINUTE',
    type: 'whole number from 1',
    default: '600',
    why: 'requests a minute of one session',
  },
  {
    name: 'OPEN_RATE_LIMIT_PER_MINUTE',
    type: 'whole number from 1',
    default: '60; 6000 on loopback in development',
    why: 'requests a minute of one address on open routes',
  },
  {
    name: 'DRAIN_SECONDS',
    type: 'whole number, 0 to 60',
    default: '5 in production, else 0',
    why: 'at a stop: how long /readyz says 503 before new connections are refused',
  },
  { name: 'LOG_LEVEL', type: 'info, warn, error or silent', default: 'info', why: 'which events are logged' },
] as const satisfies readonly SettingRow[];

export type SettingName = (typeof SETTINGS)[number]['name'];

/** Our client at a provider that a rep can connect. */
export interface ProviderClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Development: stands in for all of the provider's hosts, without a slash at the end. */
  readonly loginUrl: string | undefined;
}

export type LogLevel = 'info' | 'warn' | 'error' | 'silent';

/** The checked settings of one process. */
export interface Config {
  readonly isProduction: boolean;
  /** An IP address; loopback unless `tls` is there. */
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
  /** Origin without a slash at the end; undefined: the address that the process comes to listen on. */
  readonly publicUrl: string | undefined;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly trustProxy: readonly string[];
  readonly region: Region;
  readonly regions: readonly Region[];
  /** Absolute path. */
  readonly dataDir: string;
  /** Hold credentials in production. */
  readonly mongodbUri: Secret;
  readonly sessionsMongodbUri: Secret;
  /** `file:` or `mongodb:`. */
  readonly ledgerUri: Secret;
  readonly backupDays: number;
  /** Who may act as an operator; undefined: nobody. */
  readonly operators: { readonly file: string; readonly signer: string } | undefined;
  readonly masterKey: MasterKeySettings;
  readonly salesforce: {
    readonly clientId: string;
    readonly clientSecret: Secret;
    /** Development: the login host itself (with the sandbox's path), without a slash at the end. */
    readonly loginUrl: string | undefined;
  };
  /** Undefined: this provider is not offered. */
  readonly google: ProviderClient | undefined;
  readonly microsoft: (ProviderClient & { readonly tenant: string }) | undefined;
  readonly outreach: ProviderClient | undefined;
  /** Of the managed package; '' where it is installed without one. */
  readonly packageNamespace: string;
  /** Development: the one origin that may sign in, set exactly when `salesforce.loginUrl` is. */
  readonly previewOrigin: string | undefined;
  readonly rateLimitPerMinute: number;
  readonly openRateLimitPerMinute: number;
  /** At a stop: how long the process still takes new connections. */
  readonly drainSeconds: number;
  readonly logLevel: LogLevel;
}
