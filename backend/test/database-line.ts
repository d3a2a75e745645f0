import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * The line between a backend and its database, which a test can cut and mend: what happens when a database stops,
 * whichever database it is.
 */
export class DatabaseLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Of these, the backend's ends. */
  readonly #near = new Set<Socket>();
  readonly #host: string;
  readonly #port: number;
  #isCut: boolean;
  #isHeld = false;

  private constructor(target: URL, isCut: boolean) {
    this.#host = target.hostname;
    this.#port = Number(target.port === '' ? 27_017 : target.port);
    this.#isCut = isCut;
    this.#server = createServer((socket) => this.#join(socket));
  }

  /** @param databaseUri `mongodb://host:port/...`, one host */
  static async open(databaseUri: string, isCut = false): Promise<DatabaseLine> {
    const line = new DatabaseLine(new URL(databaseUri), isCut);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  /** The same database at this end of the line. */
  uri(databaseUri: string): string {
    const url = new URL(databaseUri);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    url.searchParams.set('directConnection', 'true');
    return url.href;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What the backend asks from now on never arrives, and no connection ends. */
  hold(): void {
    this.#isHeld = true;
    for (const near of this.#near) near.unpipe();
  }

  /** For connections from now on. */
  mend(): void {
    this.#isCut = false;
    this.#isHeld = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.#port, this.#host);
    this.#near.add(near);
    near.on('close', () => this.#near.delete(near));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      if (one === far || !this.#isHeld) one.pipe(other);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
