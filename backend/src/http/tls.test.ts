import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendRaw } from '../../test/tiny.ts';
import { Front, type FrontOptions } from './front.ts';
import { SECURITY_HEADERS } from './headers.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oneshot-tls-'));
  certificate('good', -1, 1);
  certificate('other', -1, 1);
  certificate('old', -2, -1);
  certificate('early', 1, 2);
  writeFileSync(join(folder, 'noise.pem'), 'noise');
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, `${name}.pem`);

/** Makes `<name>.pem` and `<name>-key.pem`, self-signed for 127.0.0.1, valid between two days from now. */
function certificate(name: string, fromDays: number, untilDays: number): void {
  const script = `import { selfSigned } from ${JSON.stringify(new URL('../../../scripts/certificate.mjs', import.meta.url).href)};
    const day = (days) => new Date(Date.now() + days * 864e5);
    const made = selfSigned({ names: ['localhost'], addresses: ['127.0.0.1'], from: day(${fromDays}), until: day(${untilDays}) });
    process.stdout.write(JSON.stringify(made));`;
  const made = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const { cert, key } = JSON.parse(made) as { cert: string; key: string };
  writeFileSync(file(name), cert);
  writeFileSync(file(`${name}-key`), key);
}

const listen = (cert: string, key: string): Promise<Front> => {
  const options: FrontOptions = {
    host: '127.0.0.1',
    port: 0,
    tls: { certFile: file(cert), keyFile: file(key) },
    handler: (_request, response) => response.writeHead(200, SECURITY_HEADERS).end('served'),
  };
  return Front.listen(options);
};

describe('a start with TLS files that cannot serve stops with one line that names the setting', () => {
  test.each([
    ['good', 'other-key', /^TLS_KEY_FILE: is not the key of the certificate/],
    ['old', 'old-key', /^TLS_CERT_FILE: has expired at \d{4}-\d\d-\d\dT/],
    ['early', 'early-key', /^TLS_CERT_FILE: is not valid before \d{4}-\d\d-\d\dT/],
    ['missing', 'good-key', /^TLS_CERT_FILE: cannot be read \(ENOENT\)$/],
    ['good', 'missing', /^TLS_KEY_FILE: cannot be read \(ENOENT\)$/],
    ['noise', 'good-key', /^TLS_CERT_FILE: must be a certificate in PEM$/],
    ['good', 'noise', /^TLS_KEY_FILE: must be a private key in PEM/],
  ])('%s with %s', async (cert, key, line) => {
    const failed = await listen(cert, key).catch((error: unknown) => error);
    expect((failed as Error).message).toMatch(line);
    expect((failed as Error).message).not.toMatch(/\n|oneshot-tls/);
  });
});

describe('with a certificate', () => {
  let front: Front;
  beforeAll(async () => {
    front = await listen('good', 'good-key');
  });
  afterAll(() => front.close(0, 1_000));

  test('it serves https, with HSTS, to who trusts the certificate', async () => {
    const options: RequestOptions = { agent: new Agent({ ca: readFileSync(file('good')), keepAlive: false }) };
    const answer = await new Promise<{ status?: number; hsts?: string }>((resolve, reject) => {
      get(front.url, options, (message) => {
        message.resume();
        const hsts = message.headers['strict-transport-security'];
        resolve({ ...(message.statusCode && { status: message.statusCode }), ...(hsts && { hsts }) });
      }).on('error', reject);
    });
    expect(front.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(answer.status).toBe(200);
    expect(Number(/^max-age=(\d+); includeSubDomains$/.exec(answer.hsts ?? '')?.[1])).toBeGreaterThanOrEqual(
      31_536_000,
    );
  });

  test('it speaks nothing older than TLS 1.2', async () => {
    const port = Number(new URL(front.url).port);
    const speaks = (version: 'TLSv1.1' | 'TLSv1.2'): Promise<boolean> =>
      new Promise((resolve) => {
        const ciphers = 'DEFAULT:@SECLEVEL=0';
        const socket = connect({
          port,
          host: '127.0.0.1',
          ca: readFileSync(file('good')),
          minVersion: version,
          maxVersion: version,
          ciphers,
        });
        socket.once('secureConnect', () => {
          socket.end();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      });
    expect([await speaks('TLSv1.1'), await speaks('TLSv1.2')]).toEqual([false, true]);
  });

  test('plain http is neither answered nor sent elsewhere: a path would have been read on the way', async () => {
    const answer = await sendRaw(
      front.url.replace('https', 'http'),
      'GET /v1/canary HTTP/1.1\r\nhost: x\r\n\r\n',
    ).catch(String);
    expect(answer).not.toMatch(/canary|HTTP\/1\.1 [23]|location/i);
  });
});
