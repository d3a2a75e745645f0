import { FolderInUse, startEmbeddedMongo, type EmbeddedMongo } from './index.ts';

/** One JSON line per event. */
const say = (event: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function portFromEnvironment(): number {
  const text = process.env.EMBEDDED_MONGODB_PORT ?? '4300';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    fail(`EMBEDDED_MONGODB_PORT must be a port from 0 to 65535, not "${text}"`);
  return port;
}

async function start(): Promise<EmbeddedMongo> {
  const port = portFromEnvironment();
  const dataDir = process.env.DATA_DIR ?? '.data';
  try {
    return await startEmbeddedMongo({ dataDir, port });
  } catch (error) {
    if (error instanceof FolderInUse) fail(`${error.message}; set DATA_DIR to another one`);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') fail(`Port ${port} on 127.0.0.1 is in use; set EMBEDDED_MONGODB_PORT to another one`);
    if (syscall === 'listen') fail(`EMBEDDED_MONGODB_PORT ${port} cannot be listened on (${String(code)})`);
    fail(
      `DATA_DIR cannot be used by the embedded MongoDB server: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const server = await start();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    void server.close().then(() => {
      say({ event: 'stopped' });
      process.exit(0);
    });
  });
say({ event: 'listening', url: server.url });
