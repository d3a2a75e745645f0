import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const start = fileURLToPath(new URL('./start.mjs', import.meta.url));

/** What a process of its own is given for so many settings that say "any". */
function ports(count: number, value = '0'): Promise<{ readonly ports: readonly number[]; readonly error: string }> {
  const script = `import { freePort } from ${JSON.stringify(start)};
    const ports = [];
    for (let n = 0; n < ${count}; n += 1) ports.push(Number(await freePort('part', 'PORT', ${JSON.stringify(value)})));
    process.stdout.write(JSON.stringify(ports));`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [printed, error] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    child.once('close', () => resolve({ ports: JSON.parse(printed || '[]') as number[], error }));
  });
}

test('clusters that start at the same time are given ports that are nobody else has, and that no connection takes', async () => {
  const given = await Promise.all([ports(20), ports(20), ports(20)]);
  const all = given.flatMap((one) => one.ports);
  expect(all).toHaveLength(60);
  expect(new Set(all).size).toBe(60);
  // Linux gives connections that go out 32768 and above, macOS 49152.
  for (const port of all) expect(port).toBeLessThan(32_768);
}, 120_000);

test('a port that is taken stops the start with one line that names its setting', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { error } = await ports(1, String(port));
  server.close();
  expect(error).toContain(`Port ${port} (part) cannot be used: stop what uses it, or set PORT to another`);
  expect((await ports(1, 'x')).error).toContain('PORT must be a port number from 0 to 65535, not "x"');
}, 120_000);
