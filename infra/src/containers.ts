import { Validations } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.js';

/** What a task's first container writes there, and the others read. */
export const FILES = '/run/oneshot';

/** Nobody of the image may be root, and nothing may be written but to the task's own volume. */
const USER = '10001:10001';

/** What pulls images, reads secrets and writes logs for tasks, before and beside their own code. */
export function executionRole(scope: Construct, id: string): iam.Role {
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  acknowledge(
    Validations.of(role),
    'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    'ecr:GetAuthorizationToken has no resource (Amazon ECR, "Identity-based policy examples"); CDK writes it with the grant to pull.',
  );
  return role;
}

/** A task of Fargate with the volume that its files are written to. */
export function fargateTask(scope: Construct, id: string, props: ecs.FargateTaskDefinitionProps) {
  const task = new ecs.FargateTaskDefinition(scope, id, {
    ...props,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
  });
  task.addVolume({ name: 'files' });
  acknowledge(
    Validations.of(task),
    'AwsSolutions-ECS2',
    'What is in the environment is no secret: names, ports, the region. Secrets come from Secrets Manager.',
  );
  return task;
}

export interface ContainerOptions {
  readonly repository: IRepository;
  readonly imageTag: string;
  readonly name: string;
  readonly image: 'backend' | 'haproxy';
  readonly log: logs.ILogGroup;
  readonly logPrefix: string;
  readonly environment: Record<string, string>;
  readonly secrets: Record<string, ISecret>;
  /** What becomes a file of the task (deploy/write-files.mjs). */
  readonly files: Record<string, ecs.Secret>;
  readonly more?: Partial<ecs.ContainerDefinitionOptions>;
}

/** The container that a task is for, and before it the one that writes its files. */
export function addContainers(task: ecs.FargateTaskDefinition, options: ContainerOptions): ecs.ContainerDefinition {
  const { repository, imageTag, log, logPrefix } = options;
  const common = {
    logging: ecs.LogDrivers.awsLogs({ logGroup: log, streamPrefix: logPrefix }),
    readonlyRootFilesystem: true,
    user: USER,
    // A core dump would hold what must not be on disk; the backend refuses to start where one is possible.
    ulimits: [{ name: ecs.UlimitName.CORE, softLimit: 0, hardLimit: 0 }],
  };
  const files = task.addContainer('files', {
    ...common,
    image: ecs.ContainerImage.fromEcrRepository(repository, `backend-${imageTag}`),
    command: ['/app/deploy/write-files.mjs', FILES],
    essential: false,
    secrets: options.files,
  });
  files.addMountPoints({ sourceVolume: 'files', containerPath: FILES, readOnly: false });
  const container = task.addContainer(options.name, {
    ...common,
    image: ecs.ContainerImage.fromEcrRepository(repository, `${options.image}-${imageTag}`),
    environment: options.environment,
    secrets: Object.fromEntries(
      Object.entries(options.secrets).map(([name, secret]) => [name, ecs.Secret.fromSecretsManager(secret, name)]),
    ),
    ...options.more,
  });
  container.addMountPoints({ sourceVolume: 'files', containerPath: FILES, readOnly: true });
  container.addContainerDependencies({ container: files, condition: ecs.ContainerDependencyCondition.SUCCESS });
  return container;
}
