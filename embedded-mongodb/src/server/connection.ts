import type { Socket } from 'node:net';
import { doc, int, type Doc } from '../bson/values.ts';
import { runCommand } from '../commands/index.ts';
import type { Context } from '../commands/context.ts';
import { MongoError } from '../errors.ts';
import { DuplicateKey } from '../storage/collection.ts';
import {
  HEADER_BYTES,
  MalformedQuery,
  MalformedRequest,
  MAX_MESSAGE_BYTES,
  readMessage,
  writeReply,
  type Request,
} from './wire.ts';

type Shared = Omit<Context, 'database'>;

/** Serves one client: its messages run in the order in which they came, and each is answered after its commit. */
export function serve(socket: Socket, context: Shared): void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let wanted = HEADER_BYTES;
  let turn: Promise<void> = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    buffered += chunk.length;
    if (buffered < wanted) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    for (;;) {
      if (bytes.length < HEADER_BYTES) {
        wanted = HEADER_BYTES;
        break;
      }
      wanted = bytes.readInt32LE(0);
      if (wanted < HEADER_BYTES || wanted > MAX_MESSAGE_BYTES) return void socket.destroy();
      if (bytes.length < wanted) break;
      const message = bytes.subarray(0, wanted);
      bytes = bytes.subarray(wanted);
      const answer = accept(message, context);
      if (answer === 'broken') return void socket.destroy();
      // Taken now: a commit that fails later must not be mistaken for one that was never needed.
      const committed = context.engine.settled();
      committed.catch(() => undefined);
      turn = turn.then(() => send(socket, answer, committed));
    }
    chunks = [bytes];
    buffered = bytes.length;
  });
}

type Answer = { reply: Doc; requestId: number; legacy: boolean; wantsReply: boolean };

function accept(message: Buffer, context: Shared): Answer | 'broken' {
  let request: Request;
  try {
    request = readMessage(message);
  } catch (error) {
    if (error instanceof MalformedRequest)
      return {
        reply: errorReply(error.reason),
        requestId: error.requestId,
        legacy: false,
        wantsReply: error.wantsReply,
      };
    if (error instanceof MalformedQuery)
      return { reply: errorReply(error.reason), requestId: error.requestId, legacy: true, wantsReply: true };
    return 'broken';
  }
  const { requestId, legacy, wantsReply } = request;
  return { reply: execute(request.command, context), requestId, legacy, wantsReply };
}

function execute(command: Doc, context: Shared): Doc {
  try {
    const reply = runCommand(command, context);
    reply.set('ok', 1);
    return reply;
  } catch (error) {
    if (error instanceof MongoError) return errorReply(error);
    // A mistake in this server: the client gets MongoDB's own word for that, and the place goes to the log.
    const place = error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined;
    process.stdout.write(
      `${JSON.stringify({ event: 'internal_error', command: command.keys().next().value, place })}\n`,
    );
    return errorReply(new MongoError(1, 'Internal error of the embedded server'));
  }
}

function errorReply(error: MongoError): Doc {
  const duplicate = error instanceof DuplicateKey ? { keyPattern: error.keyPattern, keyValue: error.keyValue } : {};
  return doc({ ok: 0, errmsg: error.message, code: int(error.code), codeName: error.codeName, ...duplicate });
}

async function send(socket: Socket, answer: Answer, committed: Promise<void>): Promise<void> {
  let reply = answer.reply;
  try {
    await committed;
  } catch (error) {
    reply = errorReply(error instanceof MongoError ? error : new MongoError(1, 'The data file cannot be written'));
  }
  if (answer.wantsReply && !socket.destroyed) socket.write(writeReply(reply, answer.requestId, answer.legacy));
}
