import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';
import { KmsError } from './error.ts';

/** The one user of the stand-in's account. */
export const kmsCredentials = {
  accessKeyId: 'oneshot-sandbox-access',
  secretAccessKey: 'oneshot-sandbox-secret',
} as const;

/** A signature older or newer than this is refused, in milliseconds. */
const SKEW_MS = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

export interface SignedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Checks Signature Version 4 (AWS General Reference, "Create a signed AWS API request").
 * @returns the region that it was signed for
 * @throws KmsError MissingAuthenticationToken, UnrecognizedClientException, InvalidSignatureException
 */
export function verifySignature(call: SignedCall, clock: Clock): string {
  const { headers } = call;
  const parts = AUTHORIZATION.exec(headers.authorization ?? '');
  if (parts === null) throw new KmsError('MissingAuthenticationToken', 'Missing Authentication Token');
  const [, accessKeyId = '', day = '', region = '', service = '', signedNames = '', signature = ''] = parts;
  if (accessKeyId !== kmsCredentials.accessKeyId)
    throw new KmsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  const time = String(headers['x-amz-date'] ?? '');
  const names = signedNames.split(';');
  const mustSign = ['host', 'x-amz-date', 'x-amz-target'];
  if (service !== 'kms' || !time.startsWith(day) || mustSign.some((name) => !names.includes(name))) throw refused();
  if (Math.abs(epochOf(time) - clock.now()) > SKEW_MS)
    throw new KmsError('InvalidSignatureException', `Signature expired: ${time}`);
  const canonical = [
    call.method,
    call.path,
    '',
    ...names.map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}`,
    ),
    '',
    signedNames,
    sha256(call.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${kmsCredentials.secretAccessKey}`,
  );
  if (!timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'))) throw refused();
  return region;
}

const refused = (): KmsError =>
  new KmsError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided.',
  );

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** `20261125T093000Z` as epoch milliseconds; NaN, which is never near now, for anything else. */
const epochOf = (time: string): number =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
