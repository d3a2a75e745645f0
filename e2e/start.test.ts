import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { startStack, type Stack } from './harness/stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});

/** Runs the start script until it ends; what it printed and how it ended. */
function start(settings: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const ports = { PORT: '0', OPS_PORT: '0', SANDBOX_PORT: '0', PREVIEW_PORT: '0', EMBEDDED_MONGODB_PORT: '0' };
  const child: ChildProcess = spawn(process.execPath, ['scripts/start.mjs', '--built'], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', ...ports, ...settings },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })));
}

function occupy(): Promise<{ server: Server; port: string }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: String(typeof address === 'object' ? address?.port : '') });
    });
  });
}

test('a port in use is one line that names the port and the setting, and nothing is left running', async () => {
  const { server, port } = await occupy();
  try {
    const { code, output } = await start({ PREVIEW_PORT: port });
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain(port);
    expect(output).toContain('PREVIEW_PORT');
  } finally {
    server.close();
  }
});

test('a malformed setting is one line that names it', async () => {
  const { code, output } = await start({ SANDBOX_PORT: 'many' });
  expect(code).toBe(1);
  expect(output.trim()).toMatch(/^SANDBOX_PORT .*"many"$/);
});

test('SIGTERM stops every part, and each says so with a clean end', async () => {
  stack = await startStack();
  const { preview, backend, sandbox } = stack;
  for (const url of [preview, `${backend}/healthz`]) expect((await fetch(url)).status).toBe(200);
  await stack.stop();
  for (const url of [preview, backend, sandbox.url]) await expect(fetch(url)).rejects.toThrow();
  expect(stack.log.join('\n')).not.toContain('stopped by itself');
  // Whoever looks for addresses in what is printed finds none, not even of the demo's people.
  expect(stack.log.join('\n')).not.toMatch(/\w@\w/);
});

test('a terminal that is closed stops every part, too', async () => {
  stack = await startStack();
  const { preview, backend, sandbox } = stack;
  await stack.stop('SIGHUP');
  for (const url of [preview, backend, sandbox.url]) await expect(fetch(url)).rejects.toThrow();
  expect(stack.log.join('\n')).not.toContain('stopped by itself');
});

test('a SIGTERM to npm itself, which passes it on to nobody, stops every part as well', async () => {
  stack = await startStack({}, ['npm', 'start', '--', '--built']);
  const { preview, backend, sandbox } = stack;
  await stack.stop();
  const gone = async (url: string): Promise<boolean> =>
    fetch(url).then(
      () => false,
      () => true,
    );
  for (const url of [preview, backend, sandbox.url]) {
    for (let turn = 0; turn < 600 && !(await gone(url)); turn += 1) await delay(100);
    expect([url, await gone(url)]).toEqual([url, true]);
  }
});

test('a part that dies stops the rest, with one line that says which', async () => {
  stack = await startStack();
  const { preview, backend } = stack;
  stack.killPart('sandbox');
  await stack.ended;
  expect(stack.log.filter((line) => line.includes('stopped by itself'))).toEqual([
    'The sandbox stopped by itself (SIGKILL): stopping the rest',
  ]);
  for (const url of [preview, backend]) await expect(fetch(url)).rejects.toThrow();
});
