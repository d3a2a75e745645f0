import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BSON } from 'bson';
import { openTestServer, REAL_URI, type TestServer } from '../test-server.ts';

let server: TestServer;
const embeddedOnly = REAL_URI === undefined ? test : test.skip;

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function message(opcode: number, body: Uint8Array, length?: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeInt32LE(length ?? 16 + body.length, 0);
  head.writeInt32LE(77, 4);
  head.writeInt32LE(opcode, 12);
  return Buffer.concat([head, body]);
}

const opMsg = (command: object, flags = 0): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(flags, 0);
  return message(2013, Buffer.concat([head, BSON.serialize(command)]));
};

/** The next whole message; undefined when the server closes the connection. */
function next(
  socket: Socket,
): Promise<{ responseTo: number; opcode: number; body: Record<string, unknown> } | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 4 || bytes.length < bytes.readInt32LE(0)) return;
      socket.off('data', take);
      const opcode = bytes.readInt32LE(12);
      resolve({
        responseTo: bytes.readInt32LE(8),
        opcode,
        body: BSON.deserialize(bytes.subarray(opcode === 1 ? 36 : 21)),
      });
    };
    socket.on('data', take);
    socket.once('close', () => resolve(undefined));
  });
}

embeddedOnly('the legacy hello is answered in kind, other legacy commands with 352', async () => {
  const socket = await open();
  const query = (command: object): Buffer =>
    message(
      2004,
      Buffer.concat([Buffer.alloc(4), Buffer.from('admin.$cmd\0'), Buffer.alloc(8), BSON.serialize(command)]),
    );
  socket.write(query({ isMaster: 1, helloOk: true }));
  expect(await next(socket)).toMatchObject({
    responseTo: 77,
    opcode: 1,
    body: { ismaster: true, helloOk: true, ok: 1, maxWireVersion: 21 },
  });
  socket.write(query({ find: 'x' }));
  expect(await next(socket)).toMatchObject({ opcode: 1, body: { ok: 0, code: 352 } });
  socket.destroy();
});

embeddedOnly('a message that comes byte by byte, and two at once, are understood', async () => {
  const socket = await open();
  for (const byte of opMsg({ ping: 1, $db: 'admin' })) socket.write(Buffer.from([byte]));
  expect(await next(socket)).toMatchObject({ responseTo: 77, body: { ok: 1 } });
  socket.write(
    Buffer.concat([
      opMsg({ insert: 'w', documents: [{ _id: 1 }], $db: server.db.databaseName }, 2),
      opMsg({ count: 'w', $db: server.db.databaseName }),
    ]),
  );
  expect(await next(socket)).toMatchObject({ body: { n: 1, ok: 1 } });
  socket.destroy();
});

embeddedOnly('a command without a database, and one that is no BSON, are answered with an error', async () => {
  const socket = await open();
  socket.write(opMsg({ ping: 1 }));
  expect(await next(socket)).toMatchObject({ body: { ok: 0, code: 40571 } });
  const broken = BSON.serialize({ ping: 'x' });
  broken[4] = 60;
  socket.write(message(2013, Buffer.concat([Buffer.alloc(5), broken])));
  expect(await next(socket)).toMatchObject({ body: { ok: 0, code: 22 } });
  socket.destroy();
});

embeddedOnly.each<[string, Buffer]>([
  ['a length below the header', message(2013, Buffer.alloc(8), 4)],
  ['a length above the limit', message(2013, Buffer.alloc(8), 48_000_001)],
  ['an unknown opcode', message(2010, Buffer.alloc(8))],
  ['a compressed message', message(2012, Buffer.alloc(16))],
  ['an unknown required flag', opMsg({ ping: 1, $db: 'admin' }, 4)],
  ['a section beyond the message', message(2013, Buffer.from([0, 0, 0, 0, 0, 99, 0, 0, 0]))],
  ['a message without a body', message(2013, Buffer.alloc(4))],
  ['an empty OP_QUERY', message(2004, Buffer.alloc(4))],
])('%s closes the connection, and only that one', async (_name, bytes) => {
  const socket = await open();
  socket.write(bytes);
  expect(await next(socket)).toBeUndefined();
  expect(await server.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
});

test('documents above 16 MB are refused, those just below are kept', async () => {
  const rows = server.db.collection<{ _id: number; text: string }>('large');
  await rows.insertOne({ _id: 1, text: 'x'.repeat(16_777_000) });
  expect((await rows.findOne({ _id: 1 }))?.text).toHaveLength(16_777_000);
  await expect(rows.updateOne({ _id: 1 }, { $set: { more: 'x'.repeat(1_000) } })).rejects.toMatchObject({
    code: expect.any(Number),
  });
});
