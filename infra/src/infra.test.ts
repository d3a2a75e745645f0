import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from './app.js';
import { BACKUP_DAYS } from './atlas.js';
import { checkMasterKeys, type KeyUse } from './master-keys.js';
import { RegionStack, SLOTS } from './region-stack.js';
import { checkRegions, readRegions } from './regions.js';

const regions = readRegions();
/** The lines of infra/master-keys.json while a master key is moved (docs/runbook.md), each as a region of its own. */
const MOVE: Record<string, readonly KeyUse[]> = {
  added: ['wraps', 'opens'],
  swapped: ['yields', 'wraps'],
  moving: ['opens', 'wraps'],
  ended: ['kept', 'wraps'],
  back: ['wraps', 'yields'],
  again: ['gone', 'opens', 'wraps'],
};
/** By region, and by line of the move. */
const templates = new Map<string, Template>();
let folder: string;
let seconds = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'oneshot-infra-'));
  const startedAt = process.cpuUsage(); // one thread: what an idle machine's clock would say, whatever else runs here
  const app = createApp(regions, folder);
  app.synth(); // throws on a finding of cdk-nag that nobody acknowledged
  const { user, system } = process.cpuUsage(startedAt);
  seconds = (user + system) / 1e6;
  const [first] = regions;
  assert.ok(first);
  const moves = Object.keys(MOVE).map((name) => ({ ...first, name }));
  const moved = createApp(moves, join(folder, 'moved'), new Map(Object.entries(MOVE)));
  moved.synth();
  for (const [of, list] of [
    [app, regions],
    [moved, moves],
  ] as const)
    for (const { name } of list)
      templates.set(name, Template.fromStack(of.node.findChild(`oneshot-${name}`) as RegionStack));
});
after(() => rmSync(folder, { recursive: true }));

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Principal?: { readonly AWS: unknown };
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

function resources(type: string, region = 'us'): Resource[] {
  const found = templates.get(region)?.findResources(type) ?? {};
  return Object.values(found) as Resource[];
}

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

/** By number, with the name that the stack knows each by. */
function masterKeysOf(region: string): ReadonlyMap<number, readonly [string, Resource]> {
  const found = Object.entries(
    (templates.get(region)?.findResources('AWS::KMS::Key') ?? {}) as Record<string, Resource>,
  );
  const named = found.flatMap(([name, key]): [number, readonly [string, Resource]][] => {
    const number = /^MasterKey(\d?)[0-9A-F]{8}$/.exec(name)?.[1];
    return number === undefined ? [] : [[Number(number || 1), [name, key]]];
  });
  return new Map(named);
}

const RIGHTS: Record<KeyUse, readonly string[]> = {
  wraps: ['kms:Encrypt', 'kms:Decrypt'],
  yields: ['kms:Encrypt', 'kms:Decrypt'],
  opens: ['kms:Decrypt'],
  kept: [],
  gone: [],
};

/** For this product, this region and a named org. */
const forAnOrg = (region: string): object => ({
  StringEquals: { 'kms:EncryptionContext:app': 'oneshot', 'kms:EncryptionContext:region': region },
  Null: { 'kms:EncryptionContext:org': 'false' },
});

/** What the two roles of tasks may do with any key, by the name of the key. */
function rightsOfTasks(region: string): readonly ReadonlyMap<string, readonly string[]>[] {
  const policies = Object.entries(
    (templates.get(region)?.findResources('AWS::IAM::Policy') ?? {}) as Record<string, Resource>,
  ).filter(([name]) => /^(Backend|Operators)Role/.test(name));
  return policies.map(([, { Properties }]) => {
    const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
    const ofKeys = Statement.filter(({ Action }) => JSON.stringify(Action).includes('kms:'));
    for (const { Effect, Condition } of ofKeys) assert.deepEqual([Effect, Condition], ['Allow', forAnOrg(region)]);
    return new Map(
      ofKeys.map(({ Action, Resource }) => [
        (Resource as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0],
        [Action].flat() as string[],
      ]),
    );
  });
}

for (const [region, uses] of [...regions.map(({ name }) => [name, ['wraps']] as const), ...Object.entries(MOVE)])
  test(`master keys of ${region} (${uses.join(', ')}) are used for what each is there for, by backend and operators alone, and never deleted`, () => {
    const keys = masterKeysOf(region);
    const present = uses.flatMap((use, index) => (use === 'gone' ? [] : [[index + 1, use] as const]));
    assert.deepEqual(
      [...keys.keys()],
      present.map(([number]) => number),
    );
    for (const [number, use] of present) {
      const [name, key] = keys.get(number) ?? assert.fail();
      // Another name would be another key to CloudFormation.
      if (number === 1) assert.equal(name, 'MasterKey0175C9E2');
      assert.deepEqual([key.DeletionPolicy, key.UpdateReplacePolicy], ['Retain', 'Retain']);
      assert.equal(key.Properties.EnableKeyRotation, true);
      assert.equal(key.Properties.MultiRegion, false);
      assert.equal(key.Properties.Enabled, use !== 'kept');
      const { Statement } = key.Properties.KeyPolicy as { Statement: Statement[] };
      const using = Statement.filter(
        ({ Effect, Action }) =>
          Effect === 'Allow' && /Encrypt|Decrypt|GenerateDataKey|CreateGrant|kms:\*/.test(JSON.stringify(Action)),
      );
      const [denied, ...others] = Statement.filter(({ Effect }) => Effect === 'Deny');
      assert.deepEqual([denied?.Principal, others], [{ AWS: '*' }, []]);
      if (use === 'kept') {
        assert.deepEqual([using, denied?.Condition], [[], undefined]);
        continue;
      }
      assert.equal(using.length, 1);
      assert.deepEqual([using[0]?.Action].flat(), RIGHTS[use]);
      assert.deepEqual(using[0]?.Condition, forAnOrg(region));
      const roles = using[0]?.Principal?.AWS as unknown[];
      assert.match(
        JSON.stringify(roles),
        /^\[\{"Fn::GetAtt":\["BackendRole\w+","Arn"\]\},\{"Fn::GetAtt":\["OperatorsRole\w+","Arn"\]\}\]$/,
      );
      assert.deepEqual(denied?.Condition, { ArnNotEquals: { 'aws:PrincipalArn': roles } });
    }
    const expected = present
      .filter(([, use]) => use !== 'kept')
      .map(([number, use]) => [keys.get(number)?.[0], RIGHTS[use]]);
    const rights = rightsOfTasks(region);
    assert.equal(rights.length, 2);
    for (const one of rights) assert.deepEqual([...one], expected);
  });

/** By line of the move: the number of the key in `KMS_KEY_ID`, and of that in `KMS_PREVIOUS_KEY_ID`. */
const GIVEN: Record<string, readonly [number, number?]> = {
  us: [1],
  added: [1, 2],
  swapped: [2, 1],
  moving: [2, 1],
  ended: [2],
  back: [1, 2],
  again: [3, 2],
};

for (const [region, numbers] of Object.entries(GIVEN))
  test(`backend and operators of ${region} are given the master keys ${numbers.join(' and ')}, and start with them`, async () => {
    const { loadConfig } = await backendConfig();
    const names = numbers.map((number) => masterKeysOf(region).get(number ?? 0)?.[0]);
    const containers = resources('AWS::ECS::TaskDefinition', region)
      .flatMap(
        ({ Properties }) =>
          Properties.ContainerDefinitions as { Name: string; Environment?: { Name: string; Value: unknown }[] }[],
      )
      .filter(({ Name }) => Name === 'backend' || Name === 'operators');
    assert.equal(containers.length, SLOTS + 1);
    for (const { Environment = [] } of containers) {
      const given = ['KMS_KEY_ID', 'KMS_PREVIOUS_KEY_ID'].flatMap((setting) =>
        Environment.filter(({ Name }) => Name === setting),
      );
      assert.deepEqual(
        given.map(({ Value }) => Value),
        names.map((name) => ({ 'Fn::GetAtt': [name, 'Arn'] })),
      );
    }
    const arn = (number?: number): string =>
      number === undefined
        ? ''
        : `arn:aws:kms:us-east-1:111122223333:key/${String(number).repeat(8)}-1111-4111-8111-111111111111`;
    const [current, previous] = numbers;
    const config = loadConfig({
      ...environmentOf({ name: region, awsRegion: 'us-east-1' }),
      ONESHOT_REGION: 'us',
      KMS_KEY_ID: arn(current),
      KMS_PREVIOUS_KEY_ID: arn(previous),
    });
    assert.deepEqual([config.masterKey.keyId, config.masterKey.previousKeyId ?? ''], [arn(current), arn(previous)]);
    const outputs = templates.get(region)?.findOutputs('*') ?? {};
    assert.deepEqual(
      Object.keys(outputs).filter((name) => name.endsWith('MasterKeyArn')),
      ['MasterKeyArn', 'PreviousMasterKeyArn'].slice(0, numbers.length),
    );
  });

test('a key that is kept leaves use after every slot runs without it, and the alarm watches it with the others', () => {
  const [, old] = masterKeysOf('ended').get(1) ?? assert.fail();
  const slots = Object.entries(templates.get('ended')?.findResources('AWS::ECS::Service') ?? {}).filter(
    ([, { Properties }]) => (Properties as { DesiredCount: number }).DesiredCount === 1,
  );
  assert.equal(slots.length, SLOTS);
  for (const [name] of slots) assert.ok(old.DependsOn?.includes(name));
  assert.ok(templates.get('ended')?.findOutputs('KeptMasterKey1Arn').KeptMasterKey1Arn);
  for (const region of ['us', ...Object.keys(MOVE)]) {
    const [rule] = resources('AWS::Events::Rule', region);
    const watched = JSON.stringify(rule?.Properties.EventPattern);
    for (const [, [name]] of masterKeysOf(region))
      assert.ok(watched.includes(`{"Ref":"${name}"}`) && watched.includes(`["${name}","Arn"]`));
  }
});

test('a key that yielded loses its right to wrap without a slot being replaced', () => {
  // Without their families, which carry the stack's name.
  const tasks = (region: string): unknown =>
    resources('AWS::ECS::TaskDefinition', region).map(({ Properties }) =>
      JSON.stringify({ ...Properties, Family: undefined }).replaceAll(region, 'R'),
    );
  assert.deepEqual(tasks('moving'), tasks('swapped'));
  assert.notDeepEqual(tasks('moving'), tasks('ended'));
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

test('a list of master keys that no backend could start with stops the synthesis', () => {
  const good = { us: ['wraps'], eu: ['gone', 'kept', 'opens', 'wraps'], asia: ['yields', 'wraps'] };
  assert.deepEqual([...checkMasterKeys(regions, good)], Object.entries(good));
  for (const [line, why] of [
    [{ us: undefined }, /us names no master keys/],
    [{ us: 'wraps' }, /us names no master keys/],
    [{ us: [] }, /us must have one key that wraps/],
    [{ eu: ['opens'] }, /eu must have one key that wraps/],
    [{ eu: ['wraps', 'opened'] }, /eu has a key that is none of wraps, yields, opens, kept, gone/],
    [{ asia: ['wraps', 'wraps'] }, /asia must have one key that wraps/],
    [{ asia: ['opens', 'yields', 'wraps'] }, /asia has more than two keys in use/],
    [{ moon: ['wraps'] }, /there is no region moon/],
  ] as const)
    assert.throws(() => checkMasterKeys(regions, { ...good, ...line }), why);
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

/** What ECS gives the backend's container, with a likely value for what only AWS or a person knows. */
function environmentOf(region: { name: string; awsRegion: string }, name = 'backend'): Record<string, string> {
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
const NOT_GIVEN: Record<string, string> = {
  OPS_PORT: 'metrics stay on loopback of the task; nothing of the region reads them',
  DATA_DIR: 'nothing is kept in a container',
  EMBEDDED_MONGODB_PORT: 'development',
  KMS_PREVIOUS_KEY_ID: 'only while a master key is moved: infra/master-keys.json',
  KMS_ENDPOINT: "the VPC's private DNS leads KMS's own name to the interface endpoint",
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

interface Loaded {
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
async function backendConfig(): Promise<{
  SETTINGS: readonly { readonly name: string }[];
  loadConfig: (env: Record<string, string>) => Loaded;
}> {
  const built = new URL('../../backend/dist/config.js', import.meta.url).href;
  return (await import(built)) as Awaited<ReturnType<typeof backendConfig>>;
}

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
