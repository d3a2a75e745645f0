import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../database/new-id.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsFiles | undefined;
  /** Answers until `serve` names another handler. */
  readonly handler: RequestHandler;
}

/** Time limits of a connection, in milliseconds. It idles longer than a balancer's 60 s, so that the balancer closes. */
const TIMEOUTS = { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 72_000 } as const;

/** Between two looks for idle connections while the server stops, in milliseconds. */
const SWEEP_MS = 20;

/** All headers of a request together, in bytes. */
const MAX_HEADER_BYTES = 16_384;

/**
 * The listening socket: its time limits, its TLS, and how it stops without cutting anybody off. It is there before the
 * service is: while the database is away requests are answered, and who answers them changes behind it.
 */
export class Front {
  readonly #server: Server;
  readonly #isTls: boolean;
  #handler: RequestHandler;
  #isDraining = false;

  private constructor(server: Server, isTls: boolean, handler: RequestHandler) {
    this.#server = server;
    this.#isTls = isTls;
    this.#handler = handler;
    server.on('request', (request, response) => {
      // A client that keeps its connection would send its next request into a closed one.
      if (this.#isDraining) response.setHeader('connection', 'close');
      this.#handler(request, response);
    });
    server.on('clientError', unreadableRequest);
  }

  /** @throws what listening throws (port in use); ConfigError the TLS files cannot be used */
  static async listen({ host, port, tls, handler }: FrontOptions): Promise<Front> {
    const options = { ...TIMEOUTS, maxHeaderSize: MAX_HEADER_BYTES };
    const server =
      tls === undefined
        ? createServer(options)
        : createTlsServer({
            ...options,
            ...readTlsFiles(tls),
            minVersion: 'TLSv1.2',
          });
    const front = new Front(server, tls !== undefined, handler);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return front;
  }

  /** Who answers from now on. */
  serve(handler: RequestHandler): void {
    this.#handler = handler;
  }

  /** Origin of the address that it listens on. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `${this.#isTls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Stops without cutting anybody off: answers with `connection: close` for `drainMs`, so that a balancer sees
   * `/readyz` fail and clients go elsewhere; then takes no new connection and waits for running requests.
   * @param finishMs after which running requests are cut off, in milliseconds
   */
  async close(drainMs: number, finishMs: number): Promise<void> {
    this.#isDraining = true;
    await delay(drainMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // A connection becomes idle when its last answer is out; Node closes only those that are idle already.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS);
    const cutOff = setTimeout(() => this.#server.closeAllConnections(), finishMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}

/** What Node's HTTP parser refuses, before there is a request: headers too large, too slow, not HTTP. */
function unreadableRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message, rule] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The headers of this request are too large.', 'max_bytes']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'This request took too long to arrive.', 'time']
        : ['400 Bad Request', 'This is not a request that can be read.', 'http'];
  const body = JSON.stringify({
    error: { code: 'invalid', message, field: 'request', rule, requestId: newId('req') },
  });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
