import { createServer } from 'node:net';

/**
 * Where ports are looked for, as scripts/start.mjs does: below those that Linux and macOS give out by themselves, each
 * process in its own place. A port of theirs may be somebody else's when the part that it is for listens, seconds later.
 */
const FREE_PORTS = { first: 20_000, count: 12_000, each: 60 };
let asked = Math.floor(Math.random() * FREE_PORTS.each);

/** A port that nobody listens on, and that nobody else is told of. */
export async function freePort(): Promise<string> {
  const { first, count, each } = FREE_PORTS;
  for (;;) {
    const port = first + ((process.pid * each + (asked++ % each)) % count);
    if (await isFree(port)) return String(port);
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
