import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What the line does to what passes. */
export interface LineState {
  /** Added to each piece, in milliseconds. */
  readonly latencyMs: number;
  /** Bytes a second in each direction; Infinity is as fast as it goes. */
  readonly bytesPerSecond: number;
  /** `cut`: refuses and resets; `halfOpen`: takes connections and bytes, and nothing comes back. */
  readonly mode: 'open' | 'cut' | 'halfOpen';
}

const OPEN: LineState = { latencyMs: 0, bytesPerSecond: Infinity, mode: 'open' };

/** A TCP line between two parts on loopback, whose faults can be changed while it is in use. */
export class FaultProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #state = OPEN;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#join(socket));
  }

  static async to(port: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set(state: Partial<LineState>): void {
    this.#state = { ...OPEN, ...state };
    if (this.#state.mode === 'cut') for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    // What was half open stays dead on both sides until it is cut.
    if (this.#state.mode === 'halfOpen') for (const socket of this.#sockets) socket.destroy();
    this.#state = OPEN;
  }

  async close(): Promise<void> {
    this.set({ mode: 'cut' });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#state.mode === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    this.#pass(near, far);
    this.#pass(far, near);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      const { latencyMs, bytesPerSecond, mode } = this.#state;
      if (mode === 'halfOpen') return;
      const waitMs = latencyMs + (chunk.length / bytesPerSecond) * 1_000;
      if (waitMs === 0) {
        if (to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
        return;
      }
      from.pause();
      setTimeout(() => {
        to.write(chunk);
        from.resume();
      }, waitMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
