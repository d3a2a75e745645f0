import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * What becomes of a request whose line to the browser is cut. `answered`: the backend is done, its answer is lost.
 * `running`: the backend works on it still, as behind a balancer. `gone`: the backend loses its line as well.
 */
export type Cut = 'answered' | 'running' | 'gone';

/** A request as it reached the relay, in full. */
export interface Arrival {
  key: string | undefined;
  body: string;
  /** Which of the browser's connections it came by, counted from 1. */
  connection: number;
  /** Whether that connection had served another request before. */
  isReused: boolean;
}

/** The line between browser and backend. Everything passes; a POST can be read in full and dropped unanswered. */
export class Relay {
  /** Origin of the backend; to be set before the first request comes. */
  target = '';
  readonly #server: Server;
  readonly #connections = new WeakMap<Socket, { number: number; served: number }>();
  readonly #arrivals = new Map<string, Arrival[]>();
  #opened = 0;
  #cut: { path: string; how: Cut } | undefined;

  private constructor() {
    // Longer than any journey: a browser repeats by itself only what went over a connection that it kept.
    this.#server = createServer({ keepAliveTimeout: 10 * 60_000 }, (request, response) => {
      this.#pass(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#opened += 1;
      this.#connections.set(socket, { number: this.#opened, served: 0 });
    });
  }

  static async open(): Promise<Relay> {
    const relay = new Relay();
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Cuts the line of the next POST to a path, once; forgets what came to that path before. */
  cutNext(path: string, how: Cut): void {
    this.#arrivals.delete(path);
    this.#cut = { path, how };
  }

  /** POSTs to a path since its last cut was asked for. */
  arrivals(path: string): readonly Arrival[] {
    return this.#arrivals.get(path) ?? [];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path = '/', headers, socket } = request;
    const connection = this.#connections.get(socket) ?? { number: 0, served: 0 };
    const isReused = connection.served > 0;
    connection.served += 1;
    const body = await bytesOf(request);
    if (method === 'POST') {
      const key = headers['idempotency-key'];
      const arrival = { key: String(key), body: body.toString(), connection: connection.number, isReused };
      this.#arrivals.set(path, [...this.arrivals(path), arrival]);
    }
    const how = method === 'POST' && this.#cut?.path === path ? this.#cut.how : undefined;
    if (how !== undefined) this.#cut = undefined;
    const upstream = ask(`${this.target}${path}`, { method, headers });
    const answer = new Promise<IncomingMessage>((resolve, reject) =>
      upstream.on('response', resolve).on('error', reject),
    );
    await new Promise<void>((resolve) => upstream.end(body, resolve));
    if (how === 'running' || how === 'gone') socket.destroy();
    if (how === 'gone') upstream.destroy();
    const answered = await answer;
    const bytes = await bytesOf(answered);
    if (how !== undefined) socket.destroy();
    else response.writeHead(answered.statusCode ?? 502, answered.headers).end(bytes);
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
