import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Cursors } from './commands/cursors.ts';
import { serve } from './server/connection.ts';
import { Engine, FolderInUse } from './storage/engine.ts';
import { MongoError } from './errors.ts';
import { removeExpired } from './ttl.ts';

export { FolderInUse };

/** Only ever reachable from this machine. */
const HOST = '127.0.0.1';

export type EmbeddedMongoOptions = {
  /** Folder for `mongodb/<database>.sqlite`; made if it is not there. One server at a time. */
  dataDir: string;
  /** 0: any free port. */
  port: number;
  /** How often expired documents (TTL indexes) are deleted. Default 1,000; a real MongoDB takes up to a minute. */
  ttlIntervalMs?: number;
  /** Clients at once; more are turned away. Default 1,000. */
  maxConnections?: number;
};

export type EmbeddedMongo = { url: string; port: number; close(): Promise<void> };

/**
 * Starts a server on 127.0.0.1 that speaks MongoDB's wire protocol. An answered write is on disk.
 * @throws FolderInUse when another server has the data folder
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { dataDir, port, ttlIntervalMs = 1_000, maxConnections = 1_000 } = options;
  const engine = new Engine(dataDir);
  const cursors = new Cursors();
  const sockets = new Set<Socket>();
  const status = { startedAt: Date.now(), connections: () => sockets.size };
  let connectionId = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, { engine, cursors, connectionId: ++connectionId, server: status });
  });
  server.maxConnections = maxConnections;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
  } catch (error) {
    cursors.close();
    engine.close();
    throw error;
  }
  const monitor = setInterval(() => expire(engine), ttlIntervalMs);
  const bound = (server.address() as AddressInfo).port;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(monitor);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // What was accepted is committed and answered before the clients are cut off.
    await engine.settled().catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
    cursors.close();
    engine.close();
  };
  return { url: `mongodb://${HOST}:${bound}`, port: bound, close: () => (closing ??= close()) };
}

/** A disk that is full now may not be so in a second: the monitor goes on. */
function expire(engine: Engine): void {
  try {
    removeExpired(engine);
  } catch (error) {
    process.stdout.write(
      `${JSON.stringify({ event: 'ttl_failed', code: error instanceof MongoError ? error.code : 1 })}\n`,
    );
  }
}
