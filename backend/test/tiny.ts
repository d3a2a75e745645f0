import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Front } from '../src/http/front.ts';
import { createLog } from '../src/http/log.ts';
import { createServer, type ServerParts } from '../src/http/server.ts';

/** The shared HTTP rules with a few routes of the test's own, listening. */
export interface Tiny {
  readonly url: string;
  readonly front: Front;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

export async function startTiny(
  register: (app: FastifyInstance) => void,
  config: Partial<ServerParts['config']> = {},
): Promise<Tiny> {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString('utf8').split('\n').filter(Boolean))
        lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const app = await createServer({
    config: {
      previewOrigin: undefined,
      salesforce: { loginUrl: undefined },
      trustProxy: [],
      rateLimitPerMinute: 10_000,
      openRateLimitPerMinute: 10_000,
      ...config,
    },
    log: createLog('info', sink),
    callerOf: () => undefined,
  });
  register(app);
  await app.ready();
  const front = await Front.listen({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    handler: (request, response) => app.routing(request, response),
  });
  return {
    url: front.url,
    front,
    lines,
    close: async () => {
      await front.close(0, 10_000);
      await app.close();
    },
  };
}

/** Sends bytes as they are and reads until the other side closes, or for as long as `ms`. */
export async function sendRaw(url: string, bytes: string | Buffer, ms = 2_000): Promise<string> {
  const { connect } = await import('node:net');
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
