import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Called with the path of a request; what it returns is waited for. */
export type Hold = (path: string) => Promise<void> | void;

/** A request and its answer, as they passed. */
export interface Exchange {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly sent: Buffer;
  readonly status: number;
  readonly answered: Buffer;
  /** From the request's arrival to its answer. */
  readonly ms: number;
}

/** The line between a backend and the providers, where a test can hold what passes, or look at it. */
export class ProviderLine {
  /** Before a request is sent on, and before its answer is. */
  before: Hold = () => undefined;
  after: Hold = () => undefined;
  /** Called before an answer goes on. */
  seen: (exchange: Exchange) => void = () => undefined;
  readonly #server: Server;

  private constructor(target: string) {
    this.#server = createServer((request, response) => {
      this.#pass(target, request, response).catch(() => response.destroy());
    });
  }

  /** @param target origin of the sandbox */
  static async open(target: string): Promise<ProviderLine> {
    const line = new ProviderLine(target);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets everything pass again. */
  mend(): void {
    this.before = () => undefined;
    this.after = () => undefined;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url: path = '/' } = request;
    const startedAt = performance.now();
    const body = await bytesOf(request);
    await this.before(path);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      ask(`${target}${path}`, { method, headers }, resolve).on('error', reject).end(body);
    });
    const answered = await bytesOf(answer);
    const { authorization } = headers;
    const ms = performance.now() - startedAt;
    this.seen({ path, authorization, sent: body, status: answer.statusCode ?? 502, answered, ms });
    await this.after(path);
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
