import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

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

/**
 * The master key of a region: it rotates every year, and only the task roles of the backend and of its operators use it, for
 * this product, this region and a named org (`none` for the keys that sign JWTs). Everybody else is denied, the account's root too.
 */
export function masterKey(scope: Construct, region: string, taskRoles: readonly iam.Role[]): kms.Key {
  const isTask = { 'aws:PrincipalArn': taskRoles.map(({ roleArn }) => roleArn) };
  const statements = [
    new iam.PolicyStatement({
      sid: 'AdministerWithoutUse',
      principals: [new iam.AccountRootPrincipal()],
      actions: ADMINISTER,
      resources: ['*'],
    }),
    new iam.PolicyStatement({
      sid: 'UseForAnOrgOfThisRegion',
      principals: taskRoles.map(({ roleArn }) => new iam.ArnPrincipal(roleArn)),
      actions: ['kms:Encrypt', 'kms:Decrypt'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'kms:EncryptionContext:app': 'oneshot', 'kms:EncryptionContext:region': region },
        Null: { 'kms:EncryptionContext:org': 'false' },
      },
    }),
    new iam.PolicyStatement({
      sid: 'NobodyElse',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: USE,
      resources: ['*'],
      conditions: { ArnNotEquals: isTask },
    }),
  ];
  const key = new kms.Key(scope, 'MasterKey', {
    description: `OneShot ${region}: wraps the data key of each org`,
    enableKeyRotation: true,
    multiRegion: false,
    policy: new iam.PolicyDocument({ statements }),
  });
  for (const role of taskRoles)
    role.addToPolicy(new iam.PolicyStatement({ actions: ['kms:Encrypt', 'kms:Decrypt'], resources: [key.keyArn] }));
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
