/** Tests of master keys and of their move; infra.test.ts runs them on the stacks that it has synthesised. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendConfig, environmentOf } from './environments.js';
import { checkMasterKeys, type KeyUse } from './master-keys.js';
import { SLOTS } from './region-stack.js';
import { MOVE, regions, resources, templates, type Resource, type Statement } from './synthesised.js';

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
