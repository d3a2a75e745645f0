import { CfnOutput, CfnParameter, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.js';
import { Alarms } from './alarms.js';
import { Atlas, BACKUP_DAYS } from './atlas.js';
import { Balancer } from './balancer.js';
import { logsKey, masterKeys } from './keys.js';
import type { MasterKeyUses } from './master-keys.js';
import { Network } from './network.js';
import { OperatorsTask } from './operators.js';
import { zonesOf, type Region } from './regions.js';
import { Services } from './services.js';

/**
 * Settings of the backend that somebody fills in by hand, by name; one secret holds all, as JSON. ECS starts no task while
 * one is missing there; one that is empty counts as not set: a provider without a client is not offered.
 */
const SECRET_SETTINGS = [
  'MONGODB_URI',
  'SESSIONS_MONGODB_URI',
  'LEDGER_URI',
  'SALESFORCE_CLIENT_ID',
  'SALESFORCE_CLIENT_SECRET',
  'GOOGLE_CLIENT_ID',
  'GOOGLE_CLIENT_SECRET',
  'MICROSOFT_CLIENT_ID',
  'MICROSOFT_CLIENT_SECRET',
  'OUTREACH_CLIENT_ID',
  'OUTREACH_CLIENT_SECRET',
  'OPERATORS_SIGNER',
] as const;

/** Fixed backend slots of a region at its start; docs/reliability.md says when a region needs more. */
export const SLOTS = 4;

export interface RegionStackProps {
  readonly region: Region;
  /** Of infra/master-keys.json. */
  readonly masterKeyUses: MasterKeyUses;
}

/** Everything of one region, and nothing of another. */
export class RegionStack extends Stack {
  readonly #zones: string[];

  constructor(scope: Construct, id: string, { region, masterKeyUses }: RegionStackProps) {
    super(scope, id, {
      env: { region: region.awsRegion },
      terminationProtection: true,
      description: `OneShot for Salesforce, ${region.label}`,
    });
    this.#zones = zonesOf(region);
    acknowledge(
      Validations.of(this),
      'CloudFormation-Validate::W3010',
      'A region has three fixed zones, so that each backend slot keeps its own.',
    );
    const parameter = (name: string, description: string): string =>
      new CfnParameter(this, name, { type: 'String', minLength: 1, description }).valueAsString;
    const certificateArn = parameter('CertificateArn', `ACM certificate of ${new URL(region.backendUrl).host}`);
    const imageTag = parameter('ImageTag', 'Tag of the images, e.g. a git commit; tags cannot be overwritten');
    const atlasOrganisation = parameter('AtlasOrganisationId', 'Organisation of MongoDB Atlas');
    const atlasRole = parameter('AtlasRoleId', 'Role id of the cloud-provider access in Atlas: docs/deploy.md');
    const atlasRoleArn = parameter('AtlasRoleArn', 'ARN of the role that Atlas uses its key with: docs/deploy.md');
    const namespace = parameter('PackageNamespace', 'Namespace of the managed package that customers install');

    const logKey = logsKey(this);
    const network = new Network(this, 'Network', { zones: this.#zones, logsKey: logKey });
    const { vpc } = network;
    const roleOfTask = (name: string): iam.Role =>
      new iam.Role(this, name, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    const [taskRole, operatorsRole] = [roleOfTask('BackendRole'), roleOfTask('OperatorsRole')];
    const master = masterKeys(this, region.name, masterKeyUses, [taskRole, operatorsRole]);
    const repository = new ecr.Repository(this, 'Images', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      encryption: ecr.RepositoryEncryption.KMS,
      lifecycleRules: [{ maxImageCount: 60 }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const secret = (name: string, reason: string): Secret => {
      const made = new Secret(this, name, { encryptionKey: logKey, removalPolicy: RemovalPolicy.RETAIN });
      acknowledge(Validations.of(made), 'AwsSolutions-SMG4', reason);
      return made;
    };
    const settings = secret(
      'Settings',
      'Salesforce and Atlas give these out by hand; docs/deploy.md says how they are renewed without a stop.',
    );
    const internalTls = secret('InternalTls', 'A certificate of our own making, renewed with each release.');
    const operators = secret('Operators', 'The signed list of who may act: it changes when people do, not by itself.');
    const environment = {
      NODE_ENV: 'production',
      ONESHOT_REGION: region.name,
      PUBLIC_URL: region.backendUrl,
      KMS_KEY_ID: master.current.keyArn,
      ...(master.previous === undefined ? {} : { KMS_PREVIOUS_KEY_ID: master.previous.keyArn }),
      TRUST_PROXY: vpc.vpcCidrBlock,
      BACKUP_DAYS: String(BACKUP_DAYS),
      PACKAGE_NAMESPACE: namespace,
    };
    const secrets = Object.fromEntries(SECRET_SETTINGS.map((name) => [name, settings]));
    const balancer = new Balancer(this, 'Balancer', { vpc, certificateArn });
    const services = new Services(this, 'Services', {
      vpc,
      appSubnets: network.appSubnets,
      taskRole,
      logsKey: logKey,
      repository,
      imageTag,
      slots: SLOTS,
      environment,
      secrets,
      internalTls,
      operators,
      loadBalancerGroup: balancer.group,
    });
    balancer.leadTo(vpc, services.haproxy);
    new OperatorsTask(this, 'OperatorsTask', {
      region: region.name,
      vpc,
      cluster: services.cluster,
      taskRole: operatorsRole,
      logsKey: logKey,
      repository,
      imageTag,
      environment,
      secrets,
      operators,
    });

    const atlasKey = new kms.Key(this, 'AtlasKey', {
      description: `OneShot ${region.name}: encrypts MongoDB Atlas at rest`,
      enableKeyRotation: true,
    });
    atlasKey.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ArnPrincipal(atlasRoleArn)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'],
        resources: ['*'],
      }),
    );
    const atlasGroup = new SecurityGroup(this, 'AtlasGroup', { vpc, allowAllOutbound: false });
    atlasGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcpRange(1024, 65_535), 'Backends');
    acknowledge(
      Validations.of(atlasGroup),
      'AwsSolutions-EC23',
      'The range is the VPC itself, which cdk-nag cannot read in a template.',
    );
    new Atlas(this, 'Atlas', {
      organisationId: atlasOrganisation,
      roleId: atlasRole,
      keyId: atlasKey.keyId,
      awsRegion: region.awsRegion,
      name: region.name,
      vpc,
      group: atlasGroup,
    });
    new Alarms(this, 'Alarms', {
      region: region.name,
      alb: balancer.alb,
      targets: balancer.targets,
      slots: services.slots,
      clusterName: services.cluster.clusterName,
      backendLogs: services.backendLogs,
      logsKey: logKey,
      masterKeys: master.all,
      certificateArn,
    });
    new CfnOutput(this, 'MasterKeyArn', { value: master.current.keyArn });
    if (master.previous !== undefined) new CfnOutput(this, 'PreviousMasterKeyArn', { value: master.previous.keyArn });
    for (const { number, key } of master.kept) {
      new CfnOutput(this, `KeptMasterKey${number}Arn`, { value: key.keyArn });
      // Only when every slot runs without it. Where one does not start so, the update ends there and the key stays in use.
      key.node.addDependency(services);
    }
    new CfnOutput(this, 'LoadBalancerName', { value: balancer.alb.loadBalancerDnsName });
  }

  /** Named, so that nothing is looked up and no `dummy1a` comes into the template. */
  override get availabilityZones(): string[] {
    return this.#zones;
  }
}
