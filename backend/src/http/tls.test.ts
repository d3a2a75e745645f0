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
  certificate('good', '-days', '2');
  certificate('other', '-days', '2');
  certificate('old', '-not_before', '20200101000000Z', '-not_after', '20200102000000Z');
  certificate('early', '-not_before', '20400101000000Z', '-not_after', '20400102000000Z');
  writeFileSync(join(folder, 'noise.pem'), 'noise');
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, `${name}.pem`);

/** Makes `<name>.pem` and `<name>-key.pem`, self-signed for 127.0.0.1. */
function certificate(name: string, ...validity: string[]): void {
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}-key.pem`);
  const subject = ['-key', `${name}-key.pem`, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  if (validity[0] === '-days') {
    openssl('req', '-x509', ...subject, ...validity, '-out', `${name}.pem`);
    return;
  }
  // `req -x509` takes no dates before OpenSSL 3.4; `ca` always did.
  openssl('req', '-new', ...subject, '-out', `${name}.csr`);
  writeFileSync(join(folder, `${name}.index`), '');
  writeFileSync(
    join(folder, `${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
  );
  const [, from = '', , to = ''] = validity;
  const dates = ['-startdate', from, '-enddate', to];
  openssl(
    ...['ca', '-batch', '-selfsign', '-config', `${name}.cnf`, '-keyfile', `${name}-key.pem`],
    ...dates,
    ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-notext'],
  );
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
    ['old', 'old-key', /^TLS_CERT_FILE: has expired at 2020-01-02T00:00:00/],
    ['early', 'early-key', /^TLS_CERT_FILE: is not valid before 2040-01-01/],
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
        socket.once('secureConnect', () => resolve(socket.end() !== undefined));
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
