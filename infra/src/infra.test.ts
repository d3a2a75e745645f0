import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { BACKUP_DAYS } from './atlas.js';
import { backendConfig, environmentOf, NOT_GIVEN } from './environments.js';
import './master-keys.suite.js';
import { SLOTS } from './region-stack.js';
import { checkRegions } from './regions.js';
import { regions, resources, seconds, templates, type Resource } from './synthesised.js';

test('every region has a stack, synthesised without a network in less than 30 s', () => {
  assert.deepEqual([...templates.keys()].slice(0, regions.length), ['us', 'eu', 'asia']);
  assert.ok(seconds < 30, `took ${seconds.toFixed(1)} s`);
});

test('nothing is shared: no stack names another region, another stack or a zone that is made up', () => {
  for (const region of regions) {
    const text = JSON.stringify(templates.get(region.name)?.toJSON());
    for (const other of regions.filter(({ name }) => name !== region.name)) {
      assert.ok(!text.includes(other.awsRegion), `${region.name} names ${other.awsRegion}`);
      assert.ok(!text.includes(other.backendUrl), `${region.name} names ${other.backendUrl}`);
    }
    assert.ok(!/Fn::ImportValue|dummy1/.test(text));
  }
});

test('slots are replaced one after the other: one that does not start stops the update, and the others serve', () => {
  const services = Object.entries(
    (templates.get('us')?.findResources('AWS::ECS::Service') ?? {}) as Record<string, Resource>,
  );
  const slots = services.filter(([, { Properties }]) => Properties.DesiredCount === 1);
  assert.equal(slots.length, SLOTS);
  slots.forEach(([, { DependsOn = [] }], index) => {
    const before = slots.slice(0, index).map(([name]) => name);
    assert.deepEqual(
      DependsOn.filter((name) => before.includes(name)),
      before.slice(-1),
    );
  });
});

test('no task has a public address, a shell to enter, a root user, a writable root or a core dump', () => {
  const services = resources('AWS::ECS::Service');
  assert.equal(services.length, SLOTS + 1);
  for (const { Properties } of services) {
    assert.equal(Properties.EnableExecuteCommand, false);
    const { AwsvpcConfiguration } = Properties.NetworkConfiguration as {
      AwsvpcConfiguration: { AssignPublicIp: string };
    };
    assert.equal(AwsvpcConfiguration.AssignPublicIp, 'DISABLED');
  }
  const containers = resources('AWS::ECS::TaskDefinition').flatMap(
    ({ Properties }) => Properties.ContainerDefinitions as Record<string, unknown>[],
  );
  assert.equal(containers.length, 2 * (SLOTS + 2)); // slots, HAProxy, operators
  for (const container of containers) {
    assert.equal(container.ReadonlyRootFilesystem, true);
    assert.equal(container.User, '10001:10001');
    assert.deepEqual(container.Ulimits, [{ Name: 'core', SoftLimit: 0, HardLimit: 0 }]);
    for (const { Name } of (container.Environment ?? []) as { Name: string }[])
      assert.doesNotMatch(Name, /SECRET|URI|PEM|PASSWORD/);
  }
});

test('the backend starts with what its containers are given, in each region, and misses none of its settings', async () => {
  const { SETTINGS, loadConfig } = await backendConfig();
  for (const region of regions) {
    const environment = environmentOf(region);
    const names = [...Object.keys(environment), ...Object.keys(NOT_GIVEN)];
    assert.deepEqual(names.sort(), SETTINGS.map(({ name }) => name).sort());
    const config = loadConfig(environment);
    assert.equal(config.isProduction, true);
    assert.equal(config.region.name, region.name);
    assert.equal(config.packageNamespace, 'oneshot');
    assert.ok(config.google && config.operators && !config.outreach);
    for (const name of ['MONGODB_URI', 'SESSIONS_MONGODB_URI', 'LEDGER_URI', 'KMS_KEY_ID', 'SALESFORCE_CLIENT_SECRET'])
      assert.throws(() => loadConfig({ ...environment, [name]: '' }), new RegExp(`^ConfigError: ${name}: is required`));
  }
});

test('the ledger outlives a container, and no restore of the database takes it along', async () => {
  for (const region of regions) {
    const clusters = resources('MongoDB::Atlas::Cluster', region.name).map(({ Properties }) => Properties);
    const ledger = clusters.find(({ Name }) => Name === 'oneshot-ledger');
    assert.equal(ledger?.BackupEnabled, false);
    assert.equal(ledger?.PitEnabled, false);
    assert.equal(ledger?.TerminationProtectionEnabled, true);
    assert.match(JSON.stringify(ledger?.ReplicationSpecs), /"NodeCount":3/);
    const backedUp = resources('MongoDB::Atlas::CloudBackupSchedule', region.name);
    assert.deepEqual(
      backedUp.map(({ Properties }) => Properties.ClusterName),
      ['oneshot-main'],
    );
    // A folder of the task would end with it, and so would the entries.
    const { loadConfig } = await backendConfig();
    assert.match(loadConfig(environmentOf(region)).ledgerUri.reveal(), /^mongodb\+srv:/);
  }
});

test('what is written into a task at its start is its certificate and the signed list of operators, by the image itself', () => {
  const containers = resources('AWS::ECS::TaskDefinition').flatMap(
    ({ Properties }) => Properties.ContainerDefinitions as Record<string, unknown>[],
  );
  const writers = containers.filter(({ Name }) => Name === 'files');
  assert.equal(writers.length, SLOTS + 2);
  const [folder] = new Set(writers.map(({ Command }) => (Command as string[])[1]));
  const image = readFileSync(new URL('../../deploy/Containerfile', import.meta.url), 'utf8');
  assert.match(image, new RegExp(`^VOLUME ${folder}$`, 'm'));
  const names = writers.map(({ Secrets }) => (Secrets as { Name: string }[]).map(({ Name }) => Name).sort());
  const tls = ['TLS_CERT_PEM', 'TLS_KEY_PEM'];
  const operators = ['OPERATORS_LIST', 'OPERATORS_SIGNATURE'];
  assert.deepEqual(
    names.filter((of) => of.length === 4),
    Array(SLOTS).fill([...operators, ...tls]),
  );
  assert.deepEqual(
    names.filter((of) => of.length !== 4),
    [tls, operators], // HAProxy, and the operators' task, which listens nowhere
  );
  for (const container of containers.filter(({ Name }) => Name !== 'files'))
    assert.deepEqual(container.DependsOn, [{ Condition: 'SUCCESS', ContainerName: 'files' }]);
});

interface Run {
  readonly Parameters: {
    readonly NetworkConfiguration: {
      readonly AwsvpcConfiguration: { readonly AssignPublicIp: string; readonly Subnets: string[] };
    };
    readonly EnableExecuteCommand: boolean;
    readonly Overrides: unknown;
  };
}

/** What a machine does, with what only AWS knows as `?`. */
function stateOf({ Properties }: Resource): Run {
  const { DefinitionString } = Properties as { DefinitionString: { 'Fn::Join': [string, unknown[]] } };
  const text = DefinitionString['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : '?')).join('');
  return (JSON.parse(text) as { States: { Run: Run } }).States.Run;
}

test('an operator can hand in a bundle and nothing else: no other program, no environment, no way to the internet', async () => {
  const machines = resources('AWS::StepFunctions::StateMachine');
  assert.equal(machines.length, 1);
  const [machine] = machines;
  assert.ok(machine);
  const { Parameters } = stateOf(machine);
  assert.deepEqual(Parameters.Overrides, {
    ContainerOverrides: [
      { Name: 'operators', 'Command.$': "States.Array('run', States.Format('--bundle={}', $.bundle))" },
    ],
  });
  assert.equal(Parameters.EnableExecuteCommand, false);
  assert.equal(Parameters.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp, 'DISABLED');
  assert.equal(Parameters.NetworkConfiguration.AwsvpcConfiguration.Subnets.length, 3);
  assert.match(JSON.stringify(machine.Properties.DefinitionString), /edgeSubnet\d/);
  assert.doesNotMatch(JSON.stringify(machine.Properties.DefinitionString), /appSubnet|publicSubnet/);
  const [container] = resources('AWS::ECS::TaskDefinition')
    .flatMap(({ Properties }) => Properties.ContainerDefinitions as Record<string, unknown>[])
    .filter(({ Name }) => Name === 'operators');
  // What a start replaces is the command, so the program must not stand there.
  assert.deepEqual(container?.EntryPoint, ['/usr/local/bin/node', '/app/backend/dist/ops.js']);
  assert.equal(container.PortMappings, undefined);
  const [policy] = resources('AWS::IAM::ManagedPolicy');
  const { Statement } = policy?.Properties.PolicyDocument as { Statement: { Action: string }[] };
  assert.deepEqual(
    Statement.map(({ Action }) => Action),
    ['states:StartExecution', 'states:DescribeExecution', 'logs:FilterLogEvents', 'cloudformation:DescribeStacks'],
  );
});

test("the operators' task is given what the backend is, and the commands that are printed name what the stacks have", async () => {
  const { loadConfig } = await backendConfig();
  const built = new URL('../../backend/dist/operators/start-command.js', import.meta.url).href;
  const { STACK_NAMES } = (await import(built)) as {
    STACK_NAMES: { stack: (region: string) => string; output: string; log: (region: string) => string };
  };
  for (const region of regions) {
    const environment = environmentOf(region, 'operators');
    const config = loadConfig(environment);
    assert.equal(config.region.name, region.name);
    assert.ok(config.operators);
    const backend = environmentOf(region);
    for (const [name, value] of Object.entries(environment)) assert.equal(value, backend[name], name);
    assert.ok(templates.get(region.name)?.findOutputs(STACK_NAMES.output)[STACK_NAMES.output]);
    assert.equal(STACK_NAMES.stack(region.name), `oneshot-${region.name}`);
    const named = resources('AWS::Logs::LogGroup', region.name).map(({ Properties }) => Properties.LogGroupName);
    assert.ok(named.includes(STACK_NAMES.log(region.name)));
  }
});

test('each backend slot has a name of its own, in turn over three zones, and there are two HAProxies', () => {
  const names = resources('AWS::ServiceDiscovery::Service').map(({ Properties }) => Properties.Name);
  assert.deepEqual(
    names,
    Array.from({ length: SLOTS }, (_, slot) => `backend-${slot + 1}`),
  );
  const services = resources('AWS::ECS::Service');
  const subnets = services
    .filter(({ Properties }) => Properties.DesiredCount === 1)
    .map(({ Properties }) => JSON.stringify(Properties.NetworkConfiguration));
  assert.equal(new Set(subnets.map((text) => /appSubnet\d/.exec(text)?.[0])).size, 3);
  assert.equal(services.filter(({ Properties }) => Properties.DesiredCount === 2).length, 1);
});

test('the internet reaches port 443 of the load balancer, with TLS 1.2 or later and a firewall, and nothing else', () => {
  const template = templates.get('us');
  template?.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1);
  template?.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: Match.stringLikeRegexp('TLS13-1-2-Res'),
  });
  template?.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  for (const { Properties } of resources('AWS::EC2::SecurityGroup'))
    for (const rule of (Properties.SecurityGroupIngress ?? []) as { CidrIp?: unknown; FromPort?: number }[])
      if (rule.CidrIp === '0.0.0.0/0') assert.equal(rule.FromPort, 443);
  template?.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { Protocol: 'HTTPS' });
});

test('what goes out has three fixed addresses, which are outputs', () => {
  assert.equal(resources('AWS::EC2::EIP').length, 3);
  assert.equal(resources('AWS::EC2::NatGateway').length, 3);
  for (const { Properties } of resources('AWS::EC2::NatGateway')) assert.ok(Properties.AllocationId);
  assert.equal(
    Object.keys(templates.get('us')?.findOutputs('*') ?? {}).filter((name) => /EgressAddress/.test(name)).length,
    3,
  );
});

test('logs are encrypted and kept for a month', () => {
  for (const { Properties } of resources('AWS::Logs::LogGroup')) {
    assert.equal(Properties.RetentionInDays, 30);
    assert.ok(Properties.KmsKeyId);
  }
});

test('Atlas: backups for what the erasure promise says, none of sessions and ledger, TLS 1.2, our key, a private endpoint', () => {
  const clusters = resources('MongoDB::Atlas::Cluster').map(({ Properties }) => Properties);
  assert.deepEqual(
    clusters.map(({ Name, BackupEnabled, PitEnabled }) => [Name, BackupEnabled, PitEnabled]),
    [
      ['oneshot-main', true, true],
      ['oneshot-sessions', false, false],
      ['oneshot-ledger', false, false],
    ],
  );
  for (const { AdvancedSettings, EncryptionAtRestProvider } of clusters) {
    assert.match(JSON.stringify(AdvancedSettings), /"MinimumEnabledTlsProtocol":"TLS1_2"/i);
    assert.equal(EncryptionAtRestProvider, 'AWS');
  }
  const [backups] = resources('MongoDB::Atlas::CloudBackupSchedule');
  assert.match(JSON.stringify(backups?.Properties), new RegExp(`"RetentionValue":${BACKUP_DAYS}\\b`));
  assert.equal(resources('MongoDB::Atlas::PrivateEndpointAWS').length, 1);
  assert.equal(resources('MongoDB::Atlas::ProjectIpAccessList').length, 0);
  const environment = JSON.stringify(resources('AWS::ECS::TaskDefinition'));
  assert.match(environment, new RegExp(`"BACKUP_DAYS","Value":"${BACKUP_DAYS}"`));
});

test('every alarm is a heading of the runbook, and every heading there an alarm', () => {
  const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const headings = [...text.matchAll(/^## Alarm `([a-z-]+\w*)`/gm)].map(([, name]) => name);
  const alarms = resources('AWS::CloudWatch::Alarm').map(({ Properties }) =>
    String(Properties.AlarmName)
      .replace(/^oneshot-us-/, '')
      .replace(/-\d+$/, ''),
  );
  const rules = resources('AWS::Events::Rule').map(({ Properties }) =>
    String(Properties.Description).replace(/^oneshot-us-/, ''),
  );
  assert.deepEqual([...new Set([...alarms, ...rules])].sort(), [...new Set(headings)].sort());
});

test('a region that names no place in AWS stops the synthesis', () => {
  const [first] = regions;
  assert.ok(first);
  assert.throws(
    () => checkRegions([first, { ...first, name: 'moon', awsRegion: 'mars' }]),
    /region moon names no awsRegion/,
  );
});
