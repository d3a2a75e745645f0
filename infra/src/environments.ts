import assert from 'node:assert/strict';
import { SLOTS } from './region-stack.js';
import { resources } from './synthesised.js';

/** What ECS gives the backend's container, with a likely value for what only AWS or a person knows. */
export function environmentOf(region: { name: string; awsRegion: string }, name = 'backend'): Record<string, string> {
  const backends = resources('AWS::ECS::TaskDefinition', region.name)
    .flatMap(({ Properties }) => Properties.ContainerDefinitions as Record<string, unknown>[])
    .filter(({ Name }) => Name === name);
  assert.equal(backends.length, name === 'backend' ? SLOTS : 1);
  const environments = backends.map(({ Environment = [], Secrets = [] }) => {
    const given = (Environment as { Name: string; Value: unknown }[]).map(({ Name, Value }) => [
      Name,
      typeof Value === 'string' ? Value : (KNOWN_TO_AWS[Name]?.(region.awsRegion) ?? ''),
    ]);
    const secret = (Secrets as { Name: string }[]).map(({ Name }) => [Name, FILLED_IN[Name] ?? '']);
    return Object.fromEntries([...given, ...secret]) as Record<string, string>;
  });
  for (const other of environments) assert.deepEqual(other, environments[0]);
  return environments[0] ?? {};
}

const KNOWN_TO_AWS: Record<string, (awsRegion: string) => string> = {
  KMS_KEY_ID: (awsRegion) => `arn:aws:kms:${awsRegion}:111122223333:key/11111111-1111-4111-8111-111111111111`,
  TRUST_PROXY: () => '10.20.0.0/16',
  PACKAGE_NAMESPACE: () => 'oneshot',
};

/** As docs/deploy.md says to fill in the secret; Outreach is not offered here. */
const FILLED_IN: Record<string, string> = {
  MONGODB_URI: 'mongodb+srv://backend:word@main-pl-0.abc.mongodb.net/oneshot',
  SESSIONS_MONGODB_URI: 'mongodb+srv://sessions:word@sessions-pl-0.abc.mongodb.net/sessions',
  LEDGER_URI: 'mongodb+srv://ledger:word@ledger-pl-0.abc.mongodb.net/ledger',
  SALESFORCE_CLIENT_ID: '3MVG9',
  SALESFORCE_CLIENT_SECRET: 'word',
  GOOGLE_CLIENT_ID: 'id',
  GOOGLE_CLIENT_SECRET: 'word',
  MICROSOFT_CLIENT_ID: 'id',
  MICROSOFT_CLIENT_SECRET: 'word',
  OPERATORS_SIGNER: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE security',
};

/** Settings of the backend that a container is not given, and why its default is right there. */
export const NOT_GIVEN: Record<string, string> = {
  OPS_PORT: 'metrics stay on loopback of the task; nothing of the region reads them',
  DATA_DIR: 'nothing is kept in a container',
  EMBEDDED_MONGODB_PORT: 'development',
  KMS_PREVIOUS_KEY_ID: 'only while a master key is moved: infra/master-keys.json',
  KMS_ENDPOINT: "the VPC's private DNS leads KMS's own name to the export interface endpoint",
  SALESFORCE_LOGIN_URL: 'refused in production',
  GOOGLE_LOGIN_URL: 'refused in production',
  MICROSOFT_LOGIN_URL: 'refused in production',
  OUTREACH_LOGIN_URL: 'refused in production',
  MICROSOFT_TENANT: 'customers are of any organisation',
  SANDBOX_PORT: 'development',
  PREVIEW_ORIGIN: 'refused in production',
  PREVIEW_PORT: 'development',
  RATE_LIMIT_PER_MINUTE: 'the default is meant for production',
  OPEN_RATE_LIMIT_PER_MINUTE: 'the default is meant for production',
  DRAIN_SECONDS: 'the default is meant for production',
  LOG_LEVEL: 'the default is meant for production',
};

export interface Loaded {
  readonly isProduction: boolean;
  readonly region: { readonly name: string };
  readonly ledgerUri: { reveal(): string };
  readonly masterKey: { readonly keyId: string; readonly previousKeyId: string | undefined };
  readonly google: object | undefined;
  readonly outreach: object | undefined;
  readonly operators: object | undefined;
  readonly packageNamespace: string;
}

/** The backend's own table and rules, as they are built. */
export async function backendConfig(): Promise<{
  SETTINGS: readonly { readonly name: string }[];
  loadConfig: (env: Record<string, string>) => Loaded;
}> {
  const built = new URL('../../backend/dist/config.js', import.meta.url).href;
  return (await import(built)) as Awaited<ReturnType<typeof backendConfig>>;
}
