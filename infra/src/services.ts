import { Duration, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { DnsRecordType, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { addContainers, executionRole, fargateTask, FILES } from './containers.js';
import { LOG_DAYS } from './logs.js';

/** Where the backend listens inside the VPC, and where HAProxy does. */
export const BACKEND_PORT = 4000;
export const HAPROXY_PORT = 8443;

export interface ServicesProps {
  readonly vpc: IVpc;
  readonly appSubnets: readonly ISubnet[];
  readonly taskRole: iam.IRole;
  readonly logsKey: IKey;
  readonly repository: IRepository;
  readonly imageTag: string;
  /** How many fixed backend slots. */
  readonly slots: number;
  /** Settings of the backend that are no secrets. */
  readonly environment: Record<string, string>;
  /** Settings that are, by name. */
  readonly secrets: Record<string, ISecret>;
  /** Certificate and key that HAProxy and backends speak TLS with inside the VPC. */
  readonly internalTls: ISecret;
  /** Who may act for `npm run ops`, and the signature under it: JSON `list` and `signature`. */
  readonly operators: ISecret;
  readonly loadBalancerGroup: ISecurityGroup;
}

/**
 * Two HAProxy tasks in front of fixed backend slots. A slot is a service of one task with a DNS name of its own: a rep's
 * requests are led to the slot that holds their list, and a replaced task takes the same place in the ring.
 */
export class Services extends Construct {
  readonly cluster: ecs.Cluster;
  readonly slots: ecs.FargateService[] = [];
  readonly haproxy: ecs.FargateService;
  readonly backendLogs: logs.LogGroup;
  readonly #props: ServicesProps;
  readonly #executionRole: iam.Role;

  constructor(scope: Construct, id: string, props: ServicesProps) {
    super(scope, id);
    this.#props = props;
    const { vpc, logsKey } = props;
    this.cluster = new ecs.Cluster(this, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
    this.backendLogs = new logs.LogGroup(this, 'BackendLogs', { encryptionKey: logsKey, retention: LOG_DAYS });
    const haproxyLogs = new logs.LogGroup(this, 'HaproxyLogs', { encryptionKey: logsKey, retention: LOG_DAYS });
    this.#executionRole = executionRole(this, 'ExecutionRole');
    const namespace = new PrivateDnsNamespace(this, 'Names', { vpc, name: 'oneshot.internal' });

    const backendGroup = new ec2.SecurityGroup(this, 'BackendGroup', { vpc, allowAllOutbound: false });
    const haproxyGroup = new ec2.SecurityGroup(this, 'HaproxyGroup', { vpc, allowAllOutbound: false });
    backendGroup.addIngressRule(haproxyGroup, ec2.Port.tcp(BACKEND_PORT), 'HAProxy');
    backendGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'Salesforce, mail providers, Outreach, AWS');
    backendGroup.addEgressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcpRange(1024, 65_535), 'MongoDB Atlas');
    haproxyGroup.addIngressRule(props.loadBalancerGroup, ec2.Port.tcp(HAPROXY_PORT), 'Load balancer');
    haproxyGroup.addEgressRule(backendGroup, ec2.Port.tcp(BACKEND_PORT), 'Backends');
    haproxyGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS endpoints inside the VPC, S3 for images');

    for (let slot = 1; slot <= props.slots; slot += 1) {
      const subnet = props.appSubnets[(slot - 1) % props.appSubnets.length];
      if (subnet === undefined) throw new RangeError('A slot needs a subnet');
      const service = this.#service(`Backend${slot}`, {
        image: 'backend',
        task: this.#task(`Backend${slot}Task`, { cpu: 1024, memoryLimitMiB: 4096, taskRole: props.taskRole }),
        log: this.backendLogs,
        environment: {
          ...props.environment,
          TLS_CERT_FILE: `${FILES}/cert.pem`,
          TLS_KEY_FILE: `${FILES}/key.pem`,
          OPERATORS_FILE: `${FILES}/operators.json`,
          HOST: '0.0.0.0',
          PORT: String(BACKEND_PORT),
        },
        secrets: props.secrets,
        files: {
          OPERATORS_LIST: ecs.Secret.fromSecretsManager(props.operators, 'list'),
          OPERATORS_SIGNATURE: ecs.Secret.fromSecretsManager(props.operators, 'signature'),
        },
        health: ['CMD', '/usr/local/bin/node', '/app/deploy/health.mjs', `https://127.0.0.1:${BACKEND_PORT}/healthz`],
        group: backendGroup,
        subnets: { subnets: [subnet] },
        count: 1,
        port: BACKEND_PORT,
      });
      service.enableCloudMap({
        name: `backend-${slot}`,
        cloudMapNamespace: namespace,
        dnsRecordType: DnsRecordType.A,
        dnsTtl: Duration.seconds(5),
      });
      // One after the other: while a slot is replaced the others serve, and where one does not start none else is touched.
      const before = this.slots.at(-1);
      if (before !== undefined) service.node.addDependency(before);
      this.slots.push(service);
    }
    this.haproxy = this.#service('Haproxy', {
      image: 'haproxy',
      task: this.#task('HaproxyTask', { cpu: 512, memoryLimitMiB: 1024 }),
      log: haproxyLogs,
      environment: {
        HAPROXY_BIND: `:${HAPROXY_PORT}`,
        HAPROXY_CERT: `${FILES}/haproxy.pem`,
        HAPROXY_CA: `${FILES}/cert.pem`,
        HAPROXY_DIR: '/etc/haproxy',
        ...Object.fromEntries(
          slotNames(props.slots).map((name, index) => [`BACKEND_${index + 1}`, `${name}:${BACKEND_PORT}`]),
        ),
      },
      secrets: {},
      files: {},
      health: undefined, // the load balancer asks it
      group: haproxyGroup,
      subnets: { subnetGroupName: 'edge' },
      count: 2,
      port: HAPROXY_PORT,
    });
  }

  #task(id: string, { cpu, memoryLimitMiB, taskRole }: { cpu: number; memoryLimitMiB: number; taskRole?: iam.IRole }) {
    return fargateTask(this, id, {
      cpu,
      memoryLimitMiB,
      executionRole: this.#executionRole,
      ...(taskRole === undefined ? {} : { taskRole }),
    });
  }

  #service(
    id: string,
    options: {
      image: 'backend' | 'haproxy';
      task: ecs.FargateTaskDefinition;
      log: logs.LogGroup;
      environment: Record<string, string>;
      secrets: Record<string, ISecret>;
      /** What becomes a file of the task, beside certificate and key (deploy/write-files.mjs). */
      files: Record<string, ecs.Secret>;
      health: string[] | undefined;
      group: ISecurityGroup;
      subnets: ec2.SubnetSelection;
      count: number;
      port: number;
    },
  ): ecs.FargateService {
    const { repository, imageTag, internalTls } = this.#props;
    const { task } = options;
    addContainers(task, {
      repository,
      imageTag,
      name: options.image,
      image: options.image,
      log: options.log,
      logPrefix: id.toLowerCase(),
      environment: options.environment,
      secrets: options.secrets,
      files: {
        TLS_CERT_PEM: ecs.Secret.fromSecretsManager(internalTls, 'cert'),
        TLS_KEY_PEM: ecs.Secret.fromSecretsManager(internalTls, 'key'),
        ...options.files,
      },
      more: {
        portMappings: [{ containerPort: options.port }],
        stopTimeout: Duration.seconds(90), // longer than the backend drains and finishes
        ...(options.health === undefined
          ? {}
          : { healthCheck: { command: options.health, interval: Duration.seconds(10), retries: 3 } }),
      },
    });
    return new ecs.FargateService(this, id, {
      cluster: this.cluster,
      taskDefinition: task,
      desiredCount: options.count,
      // A slot is one process: the old one ends before the new one starts. Of the two HAProxies one always serves.
      minHealthyPercent: options.count === 1 ? 0 : 100,
      maxHealthyPercent: options.count === 1 ? 100 : 200,
      circuitBreaker: { rollback: true },
      assignPublicIp: false,
      enableExecuteCommand: false,
      platformVersion: ecs.FargatePlatformVersion.VERSION1_4,
      securityGroups: [options.group],
      vpcSubnets: options.subnets,
    });
  }

  /** For alarms. */
  get clusterName(): string {
    return Stack.of(this).resolve(this.cluster.clusterName) as string;
  }
}

/** DNS names of the backend slots, in their order in the ring. */
const slotNames = (slots: number): string[] =>
  Array.from({ length: slots }, (_, index) => `backend-${index + 1}.oneshot.internal`);
