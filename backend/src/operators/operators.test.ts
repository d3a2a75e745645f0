import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { refusalOf } from '../../test/refusal.ts';
import { SshKey } from '../../test/ssh-key.ts';
import { operatorId, readOperators, type Operator } from './operators-file.ts';
import { OperatorRefused } from './refused.ts';
import { approve, newRequest, requestText, type OperatorRequest } from './request.ts';
import { readSshSignature } from './sshsig.ts';

const DAY_MS = 86_400_000;
const security = new SshKey();
const [ada, ben, late] = [new SshKey(), new SshKey(true), new SshKey()];
const dayFromNow = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const LIST = [
  { person: 'Ada', key: ada.line, trainedUntil: dayFromNow(90) },
  { person: 'Ben', key: `${ben.line} ben@laptop`, trainedUntil: dayFromNow(1) },
  { person: 'Late', key: late.line, trainedUntil: dayFromNow(-2) },
];

let stack: Stack;
let databases: TestDatabases;
let folder: string;
let operators: readonly Operator[];

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
  folder = await mkdtemp(join(tmpdir(), 'oneshot-ops-'));
  await writeList(JSON.stringify({ operators: LIST }), security);
  operators = await readOperators(join(folder, 'operators.json'), security.line);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
  await rm(folder, { recursive: true });
});

async function writeList(text: string, signer: SshKey, namespace = 'oneshot-operators'): Promise<void> {
  await writeFile(join(folder, 'operators.json'), text);
  await writeFile(join(folder, 'operators.json.sig'), signer.sign(text, namespace));
}

const wanted = { region: 'us', action: 'verify-audit', target: 'region', reason: 'Quarterly check, SEC-101' };

interface Signed {
  readonly bytes: Buffer;
  readonly request: string;
  readonly approval: string;
}

/** A request as it should be, but for what is changed. */
function signed(change: Partial<Record<keyof OperatorRequest, unknown>> = {}, by = ada, approver = ben): Signed {
  const text = requestText({ ...newRequest(wanted, 4), ...change } as OperatorRequest);
  return {
    bytes: Buffer.from(text),
    request: by.sign(text, 'oneshot-request'),
    approval: approver.sign(text, 'oneshot-approval'),
  };
}

const approved = ({ bytes, ...signatures }: Signed, now = Date.now()) =>
  approve(bytes, signatures, operators, 'us', now);

test('a request of one approved operator that another one approved is good', () => {
  const { request, requestedBy, approvedBy } = approved(signed());
  expect([request.action, requestedBy.id, approvedBy.id]).toEqual([
    'verify-audit',
    operatorId(ada.line),
    operatorId(ben.line),
  ]);
});

test('a training holds to the end of its last day, UTC, and not a moment longer', () => {
  const lastMoment = Date.parse(`${LIST[1]?.trainedUntil ?? ''}T23:59:59.999Z`);
  const until = (at: number): Signed =>
    signed({ createdAt: new Date(at - 60_000).toISOString(), expiresAt: new Date(at + 60_000).toISOString() });
  expect(approved(until(lastMoment), lastMoment).approvedBy.id).toBe(operatorId(ben.line));
  expect(refusalOf(() => approved(until(lastMoment), lastMoment + 1))).toBe('training_expired');
});

describe('nobody acts alone, untrained, on another target or without a reason: refused is', () => {
  const good = (): Signed => signed();
  const iso = (ms: number): string => new Date(Date.now() + ms).toISOString();
  test.each<[string, string, () => Signed]>([
    ['a training that is out of date', 'training_expired', () => signed({}, late)],
    ['an approval by somebody whose training is out of date', 'training_expired', () => signed({}, ada, late)],
    ['who approves their own request', 'same_person', () => signed({}, ada, ada)],
    ['somebody who is not in the list', 'not_an_operator', () => signed({}, new SshKey())],
    [
      'a request signature in place of an approval',
      'approval_signature',
      () => {
        const one = good();
        return { ...one, approval: ben.sign(one.bytes, 'oneshot-request') };
      },
    ],
    [
      'a signature for another target',
      'request_signature',
      () => ({
        ...good(),
        bytes: Buffer.from(requestText({ ...newRequest(wanted, 4), target: `org_${'A'.repeat(22)}` })),
      }),
    ],
    [
      'one changed byte',
      'request_signature',
      () => {
        const one = good();
        return { ...one, bytes: Buffer.from(one.bytes.toString().replace('SEC-101', 'SEC-102')) };
      },
    ],
    [
      'a token that nobody touched',
      'approval_signature',
      () => {
        const one = good();
        return { ...one, approval: ben.sign(one.bytes, 'oneshot-approval', 0) };
      },
    ],
    ['no signature at all', 'request_signature', () => ({ ...good(), request: '' })],
    ['a reason left empty', 'reason', () => signed({ reason: '   ' })],
    ['a reason that says nothing', 'reason', () => signed({ reason: 'because' })],
    ['another region', 'region', () => signed({ region: 'eu' })],
    ['an action that there is not', 'action', () => signed({ action: 'read-everything' })],
    ['a target that the action has not', 'target', () => signed({ action: 'erase-org', target: 'region' })],
    ['a request that expired', 'expired', () => signed({ createdAt: iso(-7_200_000), expiresAt: iso(-1) })],
    ['a request that lives too long', 'expiry', () => signed({ expiresAt: iso(25 * 3_600_000) })],
    ['hours that are none', 'expiry', () => (newRequest(wanted, Number.NaN), good())],
    ['no hours', 'expiry', () => (newRequest(wanted, 0), good())],
    ['a request from the future', 'clock', () => signed({ createdAt: iso(3_600_000), expiresAt: iso(7_200_000) })],
    ['a field that it has not', 'request', () => signed({ ...({ as: 'root' } as object) })],
    ['a nonce that is none', 'nonce', () => signed({ nonce: '1' })],
  ])('%s', (_what, code, make) => {
    expect(refusalOf(() => approved(make()))).toBe(code);
  });

  test('a person who has two keys and uses both', () => {
    const second = new SshKey();
    const list = [...operators, { id: 'opr_x', person: 'Ada', key: second.line, trainedUntil: dayFromNow(9) }];
    const { bytes, ...signatures } = signed({}, ada, second);
    expect(refusalOf(() => approve(bytes, signatures, list, 'us', Date.now()))).toBe('same_person');
  });

  test.each<[string, () => Promise<void>]>([
    ['an operators file signed by one of them', () => writeList(JSON.stringify({ operators: LIST }), ada)],
    ['a signature for another use', () => writeList(JSON.stringify({ operators: LIST }), security, 'file')],
    [
      'a file that was changed after it was signed',
      async () => {
        await writeList(JSON.stringify({ operators: LIST }), security);
        await writeFile(join(folder, 'operators.json'), JSON.stringify({ operators: [...LIST, LIST[0]] }));
      },
    ],
    ['a list of nobody', () => writeList('{"operators":[]}', security)],
    [
      'a day that is none',
      () => writeList(JSON.stringify({ operators: [{ ...LIST[0], trainedUntil: 'soon' }] }), security),
    ],
    ['no JSON', () => writeList('operators: ada', security)],
  ])('%s', async (_what, spoil) => {
    try {
      await spoil();
      await expect(readOperators(join(folder, 'operators.json'), security.line)).rejects.toThrow(OperatorRefused);
    } finally {
      await writeList(JSON.stringify({ operators: LIST }), security);
    }
  });
});

/** On top of the stack's settings: which master keys a command opens. */
let masterKeys: Readonly<Record<string, string>> = {};

/** The command line, as a process of its own on the stack's database. */
function ops(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'development',
    ...stack.settings,
    ...masterKeys,
    OPERATORS_FILE: join(folder, 'operators.json'),
    OPERATORS_SIGNER: security.line,
  };
  const script = fileURLToPath(new URL('../../dist/ops.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** Asks, signs, approves and carries out. */
async function carriedOut(action: string, target: string, ...more: readonly string[]) {
  const out = requestText(newRequest({ ...wanted, action, target }, 4));
  const [file, requested, approval] = ['request.json', 'requested.sig', 'approved.sig'].map((name) =>
    join(folder, `${randomUUID()}-${name}`),
  ) as [string, string, string];
  await writeFile(file, out);
  await writeFile(requested, ada.sign(out, 'oneshot-request'));
  await writeFile(approval, ben.sign(out, 'oneshot-approval'));
  const run = () => ops('run', file, '--requested', requested, '--approved', approval, ...more);
  return { first: await run(), again: run };
}

describe('on the command line', () => {
  jest.setTimeout(300_000); // each command is a process of its own

  test('a drill ends every session, is told in both trails, says how long it took, and runs once', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const { first, again } = await carriedOut('revoke-all', rep.org.id);
    expect(first.err).toBe('');
    expect(JSON.parse(first.out)).toMatchObject({ sessions: 1, ms: expect.any(Number) });
    await until('the session ended here, too', async () => (await rep.get('/v1/me')).status === 401, 5_000);
    expect(await again()).toMatchObject({ code: 3, err: expect.stringContaining('replayed') });
    const entries = databases.main.collection('auditEntries');
    for (const orgId of ['region', rep.org.id])
      expect(
        (await entries.find({ orgId, actor: { $in: [operatorId(ada.line), operatorId(ben.line)] } }).toArray()).map(
          ({ action }) => action as string,
        ),
      ).toEqual(expect.arrayContaining(['operator_revoke_all', 'operator_approved']));
  });

  test('trails are verified, exported, and checked without us', async () => {
    const admin = await stack.signIn('admin@demo.example');
    const { first } = await carriedOut('verify-audit', 'region');
    expect(JSON.parse(first.out)).toMatchObject({ verified: true, brokenAt: {} });
    const trail = join(folder, 'trail.jsonl');
    await carriedOut('export-audit', admin.org.id, '--out', trail);
    const keys = join(folder, 'keys.json');
    await writeFile(keys, await (await fetch(`${stack.backend.url}/v1/privacy/keys`)).text());
    const head = join(folder, 'head.json');
    await writeFile(head, JSON.stringify((await admin.get('/v1/audit/head')).body));
    const script = fileURLToPath(new URL('../../../scripts/verify.mjs', import.meta.url));
    const verified = execFileSync(process.execPath, [script, 'trail', trail, keys, head], { encoding: 'utf8' });
    expect(verified).toContain(`entries of ${admin.org.id} hold`);
  });

  test('an org is erased, with a receipt', async () => {
    const rep = await stack.signIn('rep.two@demo.example');
    const { first } = await carriedOut('erase-org', rep.org.id);
    expect(JSON.parse(first.out)).toMatchObject({ receipt: { state: 'complete', counts: { orgs: 1 } } });
    expect(await databases.main.collection('users').countDocuments({ orgId: rep.org.id })).toBe(0);
  });

  test('a paused sending is resumed, and keys are rotated without signing anyone out', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const state = databases.main.collection<{ _id: string }>('databaseState');
    await state.updateOne({ _id: 'state' }, { $set: { isSendingPaused: true } });
    expect(JSON.parse((await carriedOut('resume-sending', 'region')).first.out)).toEqual({ resumed: true });
    expect(await state.findOne({ _id: 'state' })).toMatchObject({ isSendingPaused: false });
    const { first } = await carriedOut('rotate-proof-key', 'region');
    expect(JSON.parse(first.out)).toEqual({ kid: expect.any(String) });
    expect((await rep.get('/v1/me')).status).toBe(200);
  });

  test('data keys are rotated, of an org or of all: everything lies under the new key, and the org is told who did it', async () => {
    const admin = await stack.signIn('admin@demo.example');
    const { first } = await carriedOut('rotate-data-key', admin.org.id);
    expect(first.err).toBe('');
    // The old key is kept for as long as a process may hold it in memory.
    expect(JSON.parse(first.out)).toEqual({ orgs: 1, running: 1, envelopesLeft: 0 });
    const shown = await admin.get('/v1/admin/keys');
    expect(shown.body.rows).toMatchObject([
      { version: 'd1', envelopes: 0 },
      { version: 'd2', isNewest: true },
    ]);
    expect(shown.body.job).toMatchObject({ state: 'running', version: 'd2' });
    const rotated = await databases.main.collection('auditEntries').find({ action: 'keys_rotated' }).toArray();
    expect(rotated).toMatchObject([{ orgId: admin.org.id, actor: operatorId(ada.line), target: 'data_key' }]);
    expect((await admin.get('/v1/me')).body.user).toMatchObject({ email: 'admin@demo.example' });
    // Again while it runs: the same rotation goes on, no other begins.
    const { first: again } = await carriedOut('rotate-data-key', 'region');
    expect(JSON.parse(again.out)).toEqual({ orgs: 1, running: 1, envelopesLeft: 0 });
    expect(await carriedOut('rotate-data-key', `org_${'A'.repeat(22)}`)).toMatchObject({
      first: { code: 3, err: expect.stringContaining('target') },
    });
  }, 300_000);

  test('the master key is moved once every process opens the new one, and told when the old one is needed no more', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    expect((await carriedOut('move-master-key', 'region')).first).toMatchObject({
      code: 3,
      err: expect.stringContaining('no_previous_key'),
    });
    const kms = { KMS_ENDPOINT: `${stack.sandbox.url}/kms`, KMS_KEY_ID: '11111111-1111-4111-8111-111111111111' };
    masterKeys = { ...kms, KMS_PREVIOUS_KEY_ID: 'key-file' };
    expect((await carriedOut('move-master-key', 'region')).first).toMatchObject({
      code: 3,
      err: expect.stringContaining('processes_behind'),
    });
    await stack.restart(masterKeys);
    const { first, again } = await carriedOut('move-master-key', 'region');
    expect(first).toMatchObject({ code: 0 });
    const [keys, orgs] = await Promise.all([
      databases.main.collection('signingKeys').countDocuments(),
      databases.main.collection('orgs').distinct('dataKeys.version'),
    ]);
    const moved = { 'data-key': orgs.length, 'signing-key': keys };
    expect(JSON.parse(first.out)).toMatchObject({ moved, complete: true, to: expect.stringMatching(/^kms_/) });
    expect(await again()).toMatchObject({ code: 3, err: expect.stringContaining('replayed') });
    const { first: nothing } = await carriedOut('move-master-key', 'region');
    expect(JSON.parse(nothing.out)).toMatchObject({ moved: { 'data-key': 0, 'signing-key': 0 }, complete: true });
    await expect(stack.addBackend()).rejects.toThrow(/The master key in .* is not the one/);
    const backend = await stack.restart(kms); // without the old one
    masterKeys = kms;
    expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
    const acts = await databases.main.collection('auditEntries').find({ orgId: 'region', action: /move_master_key/ }).toArray(); // prettier-ignore
    expect(acts.map(({ action }) => String(action))).toEqual(expect.arrayContaining(['operator_move_master_key', 'operator_move_master_key_done', 'operator_move_master_key_failed'])); // prettier-ignore
  }, 300_000);

  test('a bundle does what the three files do, once, and is held to the same', async () => {
    const out = requestText(newRequest(wanted, 4));
    const [file, requested, approval] = ['request.json', 'requested.sig', 'approved.sig'].map((name) =>
      join(folder, `${randomUUID()}-${name}`),
    ) as [string, string, string];
    const pack = async (text: string, approver = ben) => {
      await writeFile(file, text);
      await writeFile(requested, ada.sign(text, 'oneshot-request'));
      await writeFile(approval, approver.sign(text, 'oneshot-approval'));
      return ops('bundle', file, '--requested', requested, '--approved', approval);
    };
    const packed = await pack(out);
    expect([packed.code, packed.err]).toEqual([0, '']);
    const [bundle = '', , start] = packed.out.split('\n');
    expect(start).toContain(bundle);
    const first = await ops('run', `--bundle=${bundle}`);
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out)).toMatchObject({ verified: true });
    const { nonce } = JSON.parse(out) as OperatorRequest;
    const used = await databases.main.collection<{ _id: string }>('operators').findOne({ _id: nonce });
    expect(used).toMatchObject({
      outcome: 'done',
      requestedBy: operatorId(ada.line),
      approvedBy: operatorId(ben.line),
    });
    expect(await ops('run', '--bundle', bundle)).toMatchObject({ code: 3, err: expect.stringContaining('replayed: ') });
    // Told where it is packed, by whoever has the list.
    expect(await pack(out, late)).toMatchObject({ code: 3, err: expect.stringContaining('training_expired: ') });
    expect(await ops('run', '--bundle', bundle.slice(0, -9))).toMatchObject({
      code: 3,
      err: 'oneshot ops: bundle_truncated: The end of the bundle is missing.\n',
    });
  });

  test('a clock that was set back is refused', async () => {
    const state = databases.main.collection<{ _id: string }>('databaseState');
    await state.updateOne({ _id: 'state' }, { $inc: { beat: 60 } });
    const { first } = await carriedOut('verify-audit', 'region');
    expect(first).toMatchObject({ code: 3, err: expect.stringContaining('clock') });
    await state.updateOne({ _id: 'state' }, { $inc: { beat: -60 } });
  });

  test('without a list of operators nobody can act', async () => {
    await rm(join(folder, 'operators.json.sig'));
    const { first } = await carriedOut('verify-audit', 'region');
    expect(first).toMatchObject({ code: 3, err: expect.stringContaining('operators_file') });
    await writeList(JSON.stringify({ operators: LIST }), security);
  });

  test('a request and who may act today are printed', async () => {
    const { out, err } = await ops('request', 'revoke-all', 'region', '--reason', 'Drill of the runbook, OPS-7');
    expect(err).toBe('');
    expect(approved(signed(JSON.parse(out) as object)).request).toMatchObject({ action: 'revoke-all' });
    expect(await ops('request', 'revoke-all', 'region')).toMatchObject({ code: 3 });
    const help = await ops('--help');
    expect([help.code, (await ops()).err]).toEqual([0, help.out]);
    expect(help.out).toMatch(/erase-user +org_\.\.\.\/usr_\.\.\.\n/);
    expect((await ops('operators')).out).toContain(`${operatorId(ada.line)} ${LIST[0]?.trainedUntil ?? ''} Ada`);
  });
});

/** Made once by OpenSSH's `ssh-keygen -Y sign -n oneshot-request` with a key that was thrown away: a machine need not have it. */
const OPENSSH = {
  key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfCyguIc5CMUGC1WcjenhY8BjzWGSnZ6AgNI8odsJHk',
  signature: [
    '-----BEGIN SSH SIGNATURE-----',
    'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgZ8LKC4hzkIxQYLVZyN6eFjwGPN',
    'YZKdnoCA0jyh2wkeQAAAAPb25lc2hvdC1yZXF1ZXN0AAAAAAAAAAZzaGE1MTIAAABTAAAA',
    'C3NzaC1lZDI1NTE5AAAAQNxtyezsKR2JVGahgSJpt6bU6rEqJloIuaQQwDW9m6HS7CkXSW',
    'oir2qb7dZlRz8ItvzxqLPS2f1aSnx0qp9TVwU=',
    '-----END SSH SIGNATURE-----',
    '',
  ].join('\n'),
};

test("ssh-keygen's own signatures are understood", () => {
  const signature = readSshSignature(OPENSSH.signature);
  expect(signature?.key).toBe(OPENSSH.key);
  expect(signature?.namespace).toBe('oneshot-request');
  expect(signature?.isOf(Buffer.from('what is signed'))).toBe(true);
  expect(signature?.isOf(Buffer.from('what is not'))).toBe(false);
});
