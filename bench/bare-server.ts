/**
 * The floor of serving: Fastify with nothing on it. It reads bodies from standard input, each behind its length, and
 * answers them in turns at `/plain` and, compressed, at `/gzip`; the first one alone with `?same`.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import Fastify from 'fastify';

const compress = promisify(gzip);
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const input = Buffer.concat(chunks);
const bodies: Buffer[] = [];
for (let at = 0; at < input.length;) {
  const end = at + 4 + input.readUInt32LE(at);
  bodies.push(input.subarray(at + 4, end));
  at = end;
}

let turn = 0;
const next = (url: string): Buffer => bodies[url.endsWith('?same') ? 0 : (turn += 1) % bodies.length]!;

const app = Fastify();
app.get('/plain', (request, reply) => reply.type('application/json; charset=utf-8').send(next(request.url)));
app.get('/gzip', async (request, reply) => {
  const packed = await compress(next(request.url), { level: 1 });
  return reply.type('application/json; charset=utf-8').header('content-encoding', 'gzip').send(packed);
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ url })}\n`);
