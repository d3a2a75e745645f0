import { describe, expect, test } from '@jest/globals';
import { refusalOf } from '../../test/refusal.ts';
import { SshKey } from '../../test/ssh-key.ts';
import { bundleOf, MAX_BUNDLE, openBundle, type SignedRequest } from './bundle.ts';
import { inspect, newRequest, requestText } from './request.ts';
import { startCommand } from './start-command.ts';

const [ada, ben] = [new SshKey(), new SshKey(true)];
const wanted = { region: 'eu', action: 'verify-audit', target: 'region', reason: 'Quarterly check, SEC-101' };

function signed(change: object = {}, by = ada, approver = ben): SignedRequest {
  const text = requestText({ ...newRequest(wanted, 4), ...change });
  return {
    request: Buffer.from(text),
    signatures: { request: by.sign(text, 'oneshot-request'), approval: approver.sign(text, 'oneshot-approval') },
  };
}

test('a bundle gives back request and signatures to the byte, and is small enough for ECS', () => {
  const one = signed({ reason: `Grüße, ${'Прив '.repeat(60)}` });
  const bundle = bundleOf(one);
  expect(bundle).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(bundle.length).toBeLessThan(MAX_BUNDLE);
  expect(openBundle(bundle)).toEqual(one);
  expect(inspect(openBundle(bundle), ['us', 'eu'], Date.now())).toMatchObject({ region: 'eu', action: 'verify-audit' });
});

test('the longest reason in the spelling that takes most room fits, and nothing is packed that would not', () => {
  const one = signed({ reason: '\u0001'.repeat(500) });
  expect(openBundle(bundleOf(one))).toEqual(one);
  const request = Buffer.alloc(MAX_BUNDLE, 'x');
  expect(refusalOf(() => bundleOf({ ...one, request }))).toBe('bundle_too_long');
});

describe('what is no bundle is told, and how', () => {
  const good = bundleOf(signed());
  const bytes = Buffer.from(good, 'base64url');
  const packed = (payload: string, version = 1): string => {
    const header = Buffer.from([version, 0, 0, 0, 0]);
    header.writeUInt32BE(Buffer.byteLength(payload), 1);
    return Buffer.concat([header, Buffer.from(payload)]).toString('base64url');
  };
  test.each<[string, string, string]>([
    ['nothing', '', 'bundle_encoding'],
    ['base64 of the other alphabet', `${good.slice(0, 40)}+/${good.slice(42)}`, 'bundle_encoding'],
    ['padding', `${good}==`, 'bundle_encoding'],
    ['two words', `${good} ${good}`, 'bundle_encoding'],
    ['a line end that came along', `${good}\n`, 'bundle_encoding'],
    ['too long', 'A'.repeat(MAX_BUNDLE + 1), 'bundle_too_long'],
    ['another version', packed('{}', 2), 'bundle_version'],
    ['version 0', 'AAAA', 'bundle_version'],
    ['a header that is cut', 'AQAA', 'bundle_truncated'],
    ['the last character missing', good.slice(0, -1), 'bundle_truncated'],
    ['half of it', good.slice(0, good.length / 2), 'bundle_truncated'],
    ['more at its end', Buffer.concat([bytes, bytes]).toString('base64url'), 'bundle_encoding'],
    ['no JSON', packed('request'), 'bundle'],
    ['a list', packed('[]'), 'bundle'],
    ['null', packed('null'), 'bundle'],
    ['a signature missing', packed('{"request":"","requested":""}'), 'bundle'],
    ['a field that it has not', packed('{"request":"","requested":"","approved":"","as":"root"}'), 'bundle'],
    ['a number for a signature', packed('{"request":"","requested":1,"approved":""}'), 'bundle'],
  ])('%s', (_what, text, code) => {
    expect(refusalOf(() => openBundle(text))).toBe(code);
  });

  test('every cut of it', () => {
    for (let length = 7; length < good.length; length += 1)
      expect([length, refusalOf(() => openBundle(good.slice(0, length)))]).toEqual([length, 'bundle_truncated']);
  });
});

describe('who packs it is told what would be refused there', () => {
  const look = (one: SignedRequest): string => refusalOf(() => inspect(one, ['us', 'eu', 'asia'], Date.now()));
  const iso = (ms: number): string => new Date(Date.now() + ms).toISOString();
  test.each<[string, string, () => SignedRequest]>([
    ['a request that expired', 'expired', () => signed({ createdAt: iso(-7_200_000), expiresAt: iso(-1) })],
    ['a region that there is not', 'region', () => signed({ region: 'mars' })],
    ['one key for both', 'same_person', () => signed({}, ada, ada)],
    [
      'signatures in each other’s place',
      'request_signature',
      () => {
        const { request, signatures } = signed();
        return { request, signatures: { request: signatures.approval, approval: signatures.request } };
      },
    ],
    [
      'a signature of another request',
      'approval_signature',
      () => {
        const one = signed();
        return { ...one, signatures: { ...one.signatures, approval: signed().signatures.approval } };
      },
    ],
  ])('%s', (_what, code, make) => {
    expect(look(make())).toBe(code);
  });
});

test('the commands name the region that the request is for, carry the whole bundle, and need no more quoting', () => {
  const one = signed();
  const bundle = bundleOf(one);
  const region = { name: 'eu', label: 'Europe', backendUrl: 'https://eu.example', awsRegion: 'eu-central-1' };
  const request = inspect(one, ['eu'], Date.now());
  const [start = '', ...rest] = startCommand(region, request, bundle).trimEnd().split('\n');
  expect(rest).toHaveLength(2);
  expect(start).toContain(`--input '{"bundle":"${bundle}"}'`);
  // States takes a name of up to 80 characters; the same one again within 90 days starts nothing new.
  expect(/ --name (\S+) /.exec(start)?.[1]).toMatch(/^verify-audit-[A-Za-z0-9_-]{16}$/);
  for (const line of [start, ...rest]) expect(line).toContain('--region eu-central-1');
});
