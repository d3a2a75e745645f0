import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox, type RunningSandbox } from './index.ts';
import { readSettings } from './settings.ts';

/**
 * A process that starts sandboxes for tests: each is its own, with its own settings and port, but the grammar of SOQL and
 * the providers' code are loaded once (a second and a half of a processor). Prints one JSON line when it listens:
 *   POST /     settings as JSON, as the process would read them from its environment -> 201 `{ url }`
 *   DELETE /   `{ url }` -> 204 when that sandbox has stopped
 * Ends when its standard input does, so that it never outlives the tests.
 */
const running = new Map<string, RunningSandbox>();

async function start(settings: Readonly<Record<string, string>>): Promise<{ url: string }> {
  const sandbox = await startSandbox(readSettings({ ...settings, SANDBOX_PORT: '0' }));
  running.set(sandbox.url, sandbox);
  return { url: sandbox.url };
}

async function stop({ url = '' }: Readonly<Record<string, string>>): Promise<void> {
  const sandbox = running.get(url);
  running.delete(url);
  await sandbox?.close();
}

async function fieldsOf(request: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Readonly<Record<string, string>>;
}

const server = createServer((request, response) => {
  const answer = (status: number, body?: object): void => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  fieldsOf(request)
    .then(async (fields) => {
      if (request.method === 'POST') answer(201, await start(fields));
      else {
        await stop(fields);
        answer(204);
      }
    })
    .catch((error: unknown) => answer(400, { error: error instanceof Error ? error.message : String(error) }));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
});
process.stdin.resume().once('end', () => process.exit());
