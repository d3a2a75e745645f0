import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { createApp } from './app.js';
import { BACKUP_DAYS } from './atlas.js';
import { RegionStack, SLOTS } from './region-stack.js';
import { checkRegions, readRegions } from './regions.js';

const regions = readRegions();
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
  for (const { name } of regions)
    templates.set(name, Template.fromStack(app.node.findChild(`oneshot-${name}`) as RegionStack));
});
after(() => rmSync(folder, { recursive: true }));

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

function resources(type: string, region = 'us'): Resource[] {
  const found = templates.get(region)?.findResources(type) ?? {};
  return Object.values(found) as Resource[];
}

test('every region has a stack, synthesised without a network in less than 30 s', () => {
  assert.deepEqual([...templates.keys()], ['us', 'eu', 'asia']);
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

test('the master key rotates and is used by the backend alone, for this product, this region and a named org', () => {
  for (const { name } of regions) {
    const [key] = resources('AWS::KMS::Key', name).filter(({ Properties }) =>
      String(Properties.Description).includes('data key'),
    );
    assert.ok(key);
    assert.equal(key.Properties.EnableKeyRotation, true);
    assert.equal(key.Properties.MultiRegion, false);
    const { Statement } = key.Properties.KeyPolicy as { Statement: Record<string, unknown>[] };
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
    const use = allowed.filter(({ Action }) =>
      /Encrypt|Decrypt|GenerateDataKey|CreateGrant|kms:\*/.test(JSON.stringify(Action)),
    );
    assert.equal(use.length, 1);
    assert.deepEqual(use[0]?.Action, ['kms:Encrypt', 'kms:Decrypt']);
    assert.deepEqual(use[0]?.Condition, {
      StringEquals: { 'kms:EncryptionContext:app': 'oneshot', 'kms:EncryptionContext:region': name },
      Null: { 'kms:EncryptionContext:org': 'false' },
    });
    const denied = Statement.filter(({ Effect }) => Effect === 'Deny');
    assert.equal(denied.length, 1);
    assert.deepEqual(denied[0]?.Principal, { AWS: '*' });
  }
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
  assert.equal(containers.length, 2 * (SLOTS + 1));
  for (const container of containers) {
    assert.equal(container.ReadonlyRootFilesystem, true);
    assert.equal(container.User, '10001:10001');
    assert.deepEqual(container.Ulimits, [{ Name: 'core', SoftLimit: 0, HardLimit: 0 }]);
    for (const { Name } of (container.Environment ?? []) as { Name: string }[])
      assert.doesNotMatch(Name, /SECRET|URI|PEM|PASSWORD/);
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

test('Atlas: backups for what the erasure promise says, none of sessions, TLS 1.2, our key, a private endpoint', () => {
  const clusters = resources('MongoDB::Atlas::Cluster').map(({ Properties }) => Properties);
  assert.deepEqual(
    clusters.map(({ Name, BackupEnabled, PitEnabled }) => [Name, BackupEnabled, PitEnabled]),
    [
      ['oneshot-main', true, true],
      ['oneshot-sessions', false, false],
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
