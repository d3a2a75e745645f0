import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.js';
import { addContainers, executionRole, fargateTask, FILES } from './containers.js';
import { LOG_DAYS } from './logs.js';

export interface OperatorsTaskProps {
  /** Of `config/regions.json`. */
  readonly region: string;
  readonly vpc: ec2.IVpc;
  readonly cluster: ecs.ICluster;
  /** May use the master key, as the backend's role may; nothing else. */
  readonly taskRole: iam.IRole;
  readonly logsKey: IKey;
  readonly repository: IRepository;
  readonly imageTag: string;
  /** Of the backend: what is done by an operator is done with its settings. */
  readonly environment: Record<string, string>;
  readonly secrets: Record<string, ISecret>;
  /** Who may act, and the signature under it: JSON `list` and `signature`. */
  readonly operators: ISecret;
}

const CONTAINER = 'operators';
/** Longest act of an operator: moving the master key of a large region. */
const LONGEST = Duration.hours(6);

/**
 * `npm run ops` inside a region, for one bundle at a time (docs/runbook.md). Nobody starts its task directly: whoever may
 * call RunTask may also set the environment, and with it make Node run anything beside the master key. A state machine does,
 * whose one input is the bundle, and it has no way to pass more than that.
 */
export class OperatorsTask extends Construct {
  constructor(scope: Construct, id: string, props: OperatorsTaskProps) {
    super(scope, id);
    const { region, vpc, logsKey } = props;
    const log = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/oneshot/${region}/operators`,
      encryptionKey: logsKey,
      retention: LOG_DAYS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const task = fargateTask(this, 'Task', {
      family: nameOf(region),
      cpu: 512,
      memoryLimitMiB: 2048,
      executionRole: executionRole(this, 'ExecutionRole'),
      taskRole: props.taskRole,
    });
    addContainers(task, {
      repository: props.repository,
      imageTag: props.imageTag,
      name: CONTAINER,
      image: 'backend',
      log,
      logPrefix: 'ops',
      environment: { ...props.environment, OPERATORS_FILE: `${FILES}/operators.json` },
      secrets: props.secrets,
      files: {
        OPERATORS_LIST: ecs.Secret.fromSecretsManager(props.operators, 'list'),
        OPERATORS_SIGNATURE: ecs.Secret.fromSecretsManager(props.operators, 'signature'),
      },
      more: {
        // The program stands here and not in the command, which a start replaces.
        entryPoint: ['/usr/local/bin/node', '/app/backend/dist/ops.js'],
        command: ['run'],
        stopTimeout: Duration.seconds(90),
      },
    });
    const group = new ec2.SecurityGroup(this, 'Group', { vpc, allowAllOutbound: false });
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS endpoints inside the VPC, S3 for images');
    group.addEgressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcpRange(1024, 65_535), 'MongoDB Atlas');
    const machine = this.#machine(props, task, group);
    this.#policy(machine, log, region);
    new CfnOutput(Stack.of(this), 'OperatorsMachineArn', { value: machine.stateMachineArn });
  }

  #machine(
    { cluster, logsKey, vpc, region }: OperatorsTaskProps,
    task: ecs.FargateTaskDefinition,
    group: ec2.ISecurityGroup,
  ): sfn.StateMachine {
    const { partition } = Stack.of(this);
    const run = new sfn.CustomState(this, 'Run', {
      stateJson: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::ecs:runTask.sync`,
        Parameters: {
          Cluster: cluster.clusterArn,
          TaskDefinition: task.taskDefinitionArn,
          LaunchType: 'FARGATE',
          PlatformVersion: '1.4.0',
          EnableExecuteCommand: false,
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              AssignPublicIp: 'DISABLED',
              SecurityGroups: [group.securityGroupId],
              // No way to the internet: an act of an operator needs the database and the master key.
              Subnets: vpc.selectSubnets({ subnetGroupName: 'edge' }).subnetIds,
            },
          },
          Overrides: {
            ContainerOverrides: [
              { Name: CONTAINER, 'Command.$': "States.Array('run', States.Format('--bundle={}', $.bundle))" },
            ],
          },
        },
        ResultPath: null,
        TimeoutSeconds: LONGEST.toSeconds(),
      },
    });
    const machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: nameOf(region),
      definitionBody: sfn.DefinitionBody.fromChainable(run),
      role: this.#machineRole(cluster, task, region),
      tracingEnabled: true,
      logs: {
        destination: new logs.LogGroup(this, 'MachineLogs', { encryptionKey: logsKey, retention: LOG_DAYS }),
        level: sfn.LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    return machine;
  }

  /** What `ecs:runTask.sync` needs (AWS Step Functions, "Run Amazon ECS or Fargate tasks"), for this one task. */
  #machineRole(cluster: ecs.ICluster, task: ecs.FargateTaskDefinition, region: string): iam.Role {
    const stack = Stack.of(this);
    const revisions = stack.formatArn({
      service: 'ecs',
      resource: 'task-definition',
      resourceName: `${nameOf(region)}:*`,
    });
    const ofCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
    const rule = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: 'StepFunctionsGetEventsForECSTaskRule',
    });
    const roles = [task.taskRole.roleArn, task.obtainExecutionRole().roleArn];
    const role = new iam.Role(this, 'MachineRole', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    for (const statement of [
      { actions: ['ecs:RunTask'], resources: [revisions], conditions: ofCluster },
      { actions: ['ecs:StopTask', 'ecs:DescribeTasks'], resources: ['*'], conditions: ofCluster },
      {
        actions: ['iam:PassRole'],
        resources: roles,
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      { actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [rule] },
    ])
      role.addToPolicy(new iam.PolicyStatement(statement));
    acknowledge(
      Validations.of(role),
      'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      'Tasks are named when they start, so the cluster is the condition; log delivery and X-Ray have no resource, and CDK writes those.',
    );
    acknowledge(
      Validations.of(role),
      `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:${stack.region}:<AWS::AccountId>:task-definition/${nameOf(region)}:*]`,
      'Any revision of this one task: each release has its own.',
    );
    return role;
  }

  /** For the people of the list: they start the machine and read what came of it. Attached to their roles by hand. */
  #policy(machine: sfn.StateMachine, log: logs.ILogGroup, region: string): void {
    const stack = Stack.of(this);
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${nameOf(region)}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // By its name, whichever its id: that is how the printed command asks.
    const itself = stack.formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${stack.stackName}/*`,
    });
    const policy = new iam.ManagedPolicy(this, 'Start', {
      description: 'Carry out bundles of operators, and read what they printed',
      statements: [
        new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [machine.stateMachineArn] }),
        new iam.PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
        new iam.PolicyStatement({ actions: ['logs:FilterLogEvents'], resources: [log.logGroupArn] }),
        new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [itself] }),
      ],
    });
    for (const [resource, reason] of [
      [`states:${stack.region}:<AWS::AccountId>:execution:${nameOf(region)}:*`, 'Executions of this one machine.'],
      [`cloudformation:${stack.region}:<AWS::AccountId>:stack/${stack.stackName}/*`, 'This stack, by its name.'],
    ] as const)
      acknowledge(
        Validations.of(policy),
        `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${resource}]`,
        reason,
      );
  }
}

/** Of the task and of the machine that starts it. */
const nameOf = (region: string): string => `oneshot-${region}-operators`;
