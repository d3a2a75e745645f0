import { spawn, type ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { REAL_URI } from '../test-server.ts';

const workspace = join(dirname(fileURLToPath(import.meta.url)), '../..');
let dataDir: string;
let running: ChildProcess[] = [];

beforeAll(() => {
  // The process under test is the built one, as `npm start` runs it.
  execFileSync(process.execPath, [join(workspace, '../node_modules/typescript/bin/tsc'), '-b', workspace]);
}, 120_000);
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'embedded-mongodb-'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  rmSync(dataDir, { recursive: true, force: true });
});

type Ended = { code: number | null; signal: string | null; error: string; output: string };
type Started = { child: ChildProcess; url: Promise<string>; ended: Promise<Ended> };

function start(environment: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [join(workspace, 'dist/main.js')], {
    env: { ...process.env, DATA_DIR: dataDir, EMBEDDED_MONGODB_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let error = '';
  let output = '';
  child.stderr.on('data', (chunk) => (error += String(chunk)));
  const url = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      const event = JSON.parse(line) as { event: string; url: string };
      if (event.event === 'listening') resolve(event.url);
    });
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, error, output })),
  );
  return { child, url, ended };
}

const embeddedOnly = REAL_URI === undefined ? test : test.skip;

embeddedOnly(
  'every answered write of 32 writers is there after kill -9',
  async () => {
    const first = start();
    const client = await MongoClient.connect(await first.url, { maxPoolSize: 32 });
    const rows = client.db('app').collection<{ _id: string; n: number }>('rows');
    await rows.createIndexes([{ key: { n: 1 } }]);
    const acknowledged = new Map<string, number>();
    let killed = false;
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      for (let n = 0; !killed; n++) {
        const id = `${writer}-${n % 50}`;
        try {
          await rows.updateOne({ _id: id }, { $set: { n } }, { upsert: true });
          acknowledged.set(id, n);
        } catch {
          return;
        }
      }
    });
    // Until there is something to lose; then anywhere in what is on its way.
    while (acknowledged.size <= 100) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
    killed = true;
    first.child.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    await client.close(); // or the writers would look for their server for half a minute
    await Promise.all(writers);

    const second = start();
    const again = await MongoClient.connect(await second.url);
    const stored = new Map(
      (await again.db('app').collection<{ _id: string; n: number }>('rows').find().toArray()).map((row) => [
        row._id,
        row.n,
      ]),
    );
    // A later write may be there although its answer never came; an answered one may not be missing.
    const lost = [...acknowledged].filter(([id, n]) => (stored.get(id) ?? -1) < n);
    expect(lost).toEqual([]);
    for (const [id, n] of stored)
      expect(
        await again
          .db('app')
          .collection('rows')
          .countDocuments({ n, _id: id as never }),
      ).toBe(1);
    await again.close();
  },
  120_000,
);

embeddedOnly('SIGTERM ends the process with 0 and keeps what was written', async () => {
  const first = start();
  const client = await MongoClient.connect(await first.url);
  await client.db('app').collection('rows').insertOne({ a: 1 });
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, error: '' });
  await client.close();
  const second = start();
  const again = await MongoClient.connect(await second.url);
  expect(await again.db('app').collection('rows').countDocuments()).toBe(1);
  await again.close();
});

embeddedOnly('a second process on the same data folder says so and ends with 1', async () => {
  await start().url;
  const second = await start().ended;
  expect(second).toMatchObject({ code: 1, output: '' });
  expect(second.error).toMatch(
    /^The data folder .* is in use by another embedded MongoDB server; set DATA_DIR to another one\n$/,
  );
});

embeddedOnly('a taken port is named and ends the process with 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  const ended = await start({ EMBEDDED_MONGODB_PORT: String(port) }).ended;
  taken.close();
  expect(ended).toMatchObject({
    code: 1,
    error: `Port ${port} on 127.0.0.1 is in use; set EMBEDDED_MONGODB_PORT to another one\n`,
  });
});

embeddedOnly('a malformed port, or a data folder that is none, is named and ends the process with 1', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  const [ended, unusable] = await Promise.all([
    start({ EMBEDDED_MONGODB_PORT: '43x' }).ended,
    start({ DATA_DIR: file }).ended,
  ]);
  expect(unusable).toMatchObject({ code: 1, error: expect.stringMatching(/^DATA_DIR cannot be used .*ENOTDIR.*\n$/) });
  expect(ended).toMatchObject({ code: 1, error: 'EMBEDDED_MONGODB_PORT must be a port from 0 to 65535, not "43x"\n' });
});
