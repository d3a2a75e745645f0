import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';

/** Certificate and key of a test's own authority, in files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a self-signed certificate of these names, and of 127.0.0.1, valid for a day. */
export function makeCertificate(folder: string, names: readonly string[]): Certificate {
  const script = `import { selfSigned } from ${JSON.stringify(new URL('../../scripts/certificate.mjs', import.meta.url).href)};
    const until = new Date(Date.now() + 864e5);
    process.stdout.write(JSON.stringify(selfSigned({ names: ${JSON.stringify(names)}, addresses: ['127.0.0.1'], until })));`;
  const made = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const { cert, key } = JSON.parse(made) as { cert: string; key: string };
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  return { certFile, keyFile, cert, key };
}

/** TLS in front of a server on loopback that speaks none; both ends see real TLS. */
export async function tlsLine({ cert, key }: Certificate, to: number): Promise<Server> {
  const server = createTlsServer({ cert, key, minVersion: 'TLSv1.2' }, (near) => {
    const far = connect(to, '127.0.0.1');
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
  return listening(server);
}

/**
 * The hosts of the world, on one port: each name leads to a path of the sandbox, with TLS.
 * @param leads the path that a host is, by the end of its name; '' for hosts whose paths are the sandbox's own
 */
export async function internet(
  { cert, key }: Certificate,
  sandbox: string,
  leads: Readonly<Record<string, string>>,
): Promise<Server> {
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const host = request.headers.host ?? '';
    const lead = Object.entries(leads).find(([end]) => host.endsWith(end))?.[1];
    const path = request.url ?? '/';
    if (lead === undefined) {
      response.writeHead(421).end(`Nobody is ${host} here`);
      return;
    }
    const { method, headers } = request;
    const to = httpRequest(
      sandbox + (path.startsWith(`${lead}/`) ? '' : lead) + path,
      { method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    to.on('error', () => response.destroy());
    request.pipe(to);
  };
  return listening(createHttpsServer({ cert, key, minVersion: 'TLSv1.2' }, pass));
}

/** A browser's `fetch`: over https it trusts this certificate and finds each host at a port on loopback. */
export function browserFetch({ certFile }: Certificate, portOf: (host: string) => number): typeof fetch {
  const open = buildConnector({ ca: readFileSync(certFile, 'utf8') });
  const dispatcher = new Agent({
    connect: (options, callback) =>
      open(
        { ...options, servername: options.hostname, hostname: '127.0.0.1', port: String(portOf(options.hostname)) },
        callback,
      ),
  });
  const plain = globalThis.fetch;
  return ((input: string | URL, init?: object) =>
    new URL(input).protocol === 'https:'
      ? undiciFetch(input, { ...init, dispatcher })
      : plain(input, init)) as unknown as typeof fetch;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
