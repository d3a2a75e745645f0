import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import { KmsError } from './error.ts';
import { fieldsOf, type Fields } from './fields.ts';
import type { KmsKeys } from './keys.ts';
import { verifySignature } from './signature.ts';

const TARGET = /^TrentService\.([A-Za-z]+)$/;
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** Bytes that a symmetric key encrypts at most (AWS KMS API, Encrypt). */
const MAX_PLAINTEXT = 4_096;

type Operation = (fields: Fields, keys: KmsKeys, region: string) => Readonly<Record<string, unknown>>;

/** What the stand-in does; every other operation is unknown to it, and says so. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  Encrypt(fields, keys, region) {
    const key = keys.find(fields.text('KeyId'), region);
    const plaintext = fields.blob('Plaintext', MAX_PLAINTEXT);
    const context = fields.context();
    fields.noOthers();
    keys.checkUsable(key, 'Encrypt');
    const blob = keys.encrypt(key, plaintext, context);
    return { CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', KeyId: key.arn };
  },

  Decrypt(fields, keys, region) {
    const ciphertext = fields.blob('CiphertextBlob', 6_144);
    const named = fields.optionalText('KeyId');
    const context = fields.context();
    fields.noOthers();
    const asked = named === undefined ? undefined : keys.find(named, region);
    const key = keys.madeBy(ciphertext, region);
    if (asked !== undefined && asked !== key)
      throw new KmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    keys.checkUsable(key, 'Decrypt');
    const plaintext = keys.decrypt(key, ciphertext, context);
    return { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', KeyId: key.arn, Plaintext: plaintext.toString('base64') };
  },

  DescribeKey(fields, keys, region) {
    const key = keys.find(fields.text('KeyId'), region);
    fields.noOthers();
    if (!key.allowed) keys.checkUsable(key, 'DescribeKey');
    return {
      KeyMetadata: {
        AWSAccountId: key.arn.split(':')[4],
        Arn: key.arn,
        Enabled: key.state === 'Enabled',
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        KeyId: key.id,
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyState: key.state,
        KeyUsage: 'ENCRYPT_DECRYPT',
        MultiRegion: false,
      },
    };
  },
};

/** AWS KMS as a client sees it: one address, AWS JSON 1.1, Signature Version 4, the operation in a header. */
export function kmsApi(app: FastifyInstance, { keys, clock }: { keys: KmsKeys; clock: Clock }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const known =
      error instanceof KmsError
        ? error
        : (error.statusCode ?? 500) < 500
          ? new KmsError('SerializationException', error.message)
          : new KmsError('KMSInternalException', '', 500);
    return reply
      .status(known.status)
      .header('content-type', CONTENT_TYPE)
      .header('x-amzn-requestid', crypto.randomUUID())
      .send(Buffer.from(JSON.stringify(known.toBody())));
  });
  app.setNotFoundHandler(() => {
    throw new KmsError('UnknownOperationException', '', 404);
  });
  app.post('/', async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const path = request.url.split('?')[0] ?? '';
    const region = verifySignature({ method: 'POST', path, headers: request.headers, body }, clock);
    const name = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined || request.headers['content-type'] !== CONTENT_TYPE)
      throw new KmsError('UnknownOperationException', '');
    const answer = operation(fieldsOf(body), keys, region);
    return reply
      .header('content-type', CONTENT_TYPE)
      .header('x-amzn-requestid', crypto.randomUUID())
      .send(Buffer.from(JSON.stringify(answer)));
  });
}
