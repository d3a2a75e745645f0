import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { MasterKeyUses } from './master-keys.js';

/** What opens or makes something with a key. */
const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant'];

/** What an administrator of the account does to a key; neither use nor grants. */
const ADMINISTER = [
  'kms:CreateAlias',
  'kms:Describe*',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:List*',
  'kms:PutKeyPolicy',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
  'kms:RevokeGrant',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:DeleteAlias',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:ScheduleKeyDeletion',
  'kms:CancelKeyDeletion',
];

/** Master keys of a region; a backend is given two of them at most. */
export interface MasterKeys {
  /** `KMS_KEY_ID`: the one that wraps. */
  readonly current: kms.Key;
  /** `KMS_PREVIOUS_KEY_ID`: the other one in use, while a master key is moved. */
  readonly previous: kms.Key | undefined;
  /** That nobody uses any more, with their numbers. */
  readonly kept: readonly { readonly number: number; readonly key: kms.Key }[];
  /** Every one that the stack has. */
  readonly all: readonly kms.Key[];
}

/**
 * The master keys of a region: each rotates every year, and only the task roles of the backend and of its operators use it,
 * for this product, this region and a named org (`none` for the keys that sign JWTs), and for no more than it is there for.
 * Everybody else is denied, the account's root too. No update of the stack deletes one.
 */
export function masterKeys(
  scope: Construct,
  region: string,
  uses: MasterKeyUses,
  taskRoles: readonly iam.Role[],
): MasterKeys {
  const made = uses.flatMap((use, index) =>
    use === 'gone' ? [] : [{ use, number: index + 1, key: masterKey(scope, region, index + 1, use, taskRoles) }],
  );
  const inUse = made.filter(({ use }) => use !== 'kept');
  const current = inUse.find(({ use }) => use === 'wraps')?.key;
  if (current === undefined) throw new TypeError(`Region ${region} has no master key that wraps`);
  return {
    current,
    previous: inUse.find(({ key }) => key !== current)?.key,
    kept: made.filter(({ use }) => use === 'kept'),
    all: made.map(({ key }) => key),
  };
}

const WRAP = ['kms:Encrypt', 'kms:Decrypt'] as const;
/** What a task may do with a key that is there for this. */
const ALLOWED = { wraps: WRAP, yields: WRAP, opens: ['kms:Decrypt'], kept: [] } as const;

function masterKey(
  scope: Construct,
  region: string,
  number: number,
  use: keyof typeof ALLOWED,
  taskRoles: readonly iam.Role[],
): kms.Key {
  const actions = [...ALLOWED[use]];
  const isUsed = actions.length > 0;
  const conditions = {
    StringEquals: { 'kms:EncryptionContext:app': 'oneshot', 'kms:EncryptionContext:region': region },
    Null: { 'kms:EncryptionContext:org': 'false' },
  };
  const isTask = { 'aws:PrincipalArn': taskRoles.map(({ roleArn }) => roleArn) };
  const everybody = { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], actions: USE, resources: ['*'] };
  const statements = [
    new iam.PolicyStatement({
      sid: 'AdministerWithoutUse',
      principals: [new iam.AccountRootPrincipal()],
      actions: ADMINISTER,
      resources: ['*'],
    }),
    ...(isUsed
      ? [
          new iam.PolicyStatement({
            sid: 'UseForAnOrgOfThisRegion',
            principals: taskRoles.map(({ roleArn }) => new iam.ArnPrincipal(roleArn)),
            actions,
            resources: ['*'],
            conditions,
          }),
          new iam.PolicyStatement({ sid: 'NobodyElse', ...everybody, conditions: { ArnNotEquals: isTask } }),
        ]
      : [new iam.PolicyStatement({ sid: 'Nobody', ...everybody })]),
  ];
  const key = new kms.Key(scope, number === 1 ? 'MasterKey' : `MasterKey${number}`, {
    description: `OneShot ${region}: wraps the data key of each org`,
    enabled: isUsed,
    enableKeyRotation: true,
    multiRegion: false,
    // A key that leaves the stack stays in KMS as it is: people delete keys, with KMS's own waiting time.
    removalPolicy: RemovalPolicy.RETAIN,
    policy: new iam.PolicyDocument({ statements }),
  });
  if (isUsed)
    for (const role of taskRoles)
      role.addToPolicy(new iam.PolicyStatement({ actions, resources: [key.keyArn], conditions }));
  return key;
}

/** Encrypts logs, alarms and secrets. */
export function logsKey(scope: Construct): kms.Key {
  const key = new kms.Key(scope, 'LogsKey', { enableKeyRotation: true });
  const { region, account, partition } = Stack.of(scope);
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
  for (const service of ['cloudwatch.amazonaws.com', 'events.amazonaws.com'])
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(service)],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
  return key;
}
