import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import type { Doc, Value } from '../bson/values.ts';
import { MongoError } from '../errors.ts';

/** Largest message, as MongoDB limits it (maxMessageSizeBytes). */
export const MAX_MESSAGE_BYTES = 48_000_000;
export const HEADER_BYTES = 16;

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** A request as it came: its command, how to answer, and whether an answer is wanted (w: 0). */
export type Request = { requestId: number; command: Doc; legacy: boolean; wantsReply: boolean };

/** The bytes cannot be understood; nothing sensible can be answered on this connection. */
export class ProtocolError extends Error {}

/**
 * Reads a whole message. Source: MongoDB wire protocol, OP_MSG and (for the legacy hello only) OP_QUERY.
 * @throws ProtocolError for broken framing and other opcodes
 * @throws MalformedRequest for a body that can be answered with an error
 */
export function readMessage(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_QUERY) return readQuery(message, requestId);
  if (opcode !== OP_MSG) throw new ProtocolError(`opcode ${opcode} is not supported`);
  const flags = message.readUInt32LE(HEADER_BYTES);
  // Bits above 15, such as exhaustAllowed, may be ignored.
  const unknown = flags & 0xffff & ~(CHECKSUM_PRESENT | MORE_TO_COME);
  if (unknown !== 0) throw new ProtocolError('unknown required flag bits');
  const wantsReply = (flags & MORE_TO_COME) === 0;
  // The checksum protects against broken networks, of which loopback has none.
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  try {
    return { requestId, command: readSections(message.subarray(HEADER_BYTES + 4, end)), legacy: false, wantsReply };
  } catch (error) {
    if (error instanceof MongoError) throw new MalformedRequest(error, requestId, wantsReply);
    throw error;
  }
}

/** A request whose documents cannot be read: answered with the error. */
export class MalformedRequest extends Error {
  readonly reason: MongoError;
  readonly requestId: number;
  readonly wantsReply: boolean;

  constructor(reason: MongoError, requestId: number, wantsReply: boolean) {
    super(reason.message);
    this.reason = reason;
    this.requestId = requestId;
    this.wantsReply = wantsReply;
  }
}

/** One body (kind 0) and any document sequences (kind 1), which become array fields of the body. */
function readSections(bytes: Buffer): Doc {
  let body: Doc | undefined;
  const sequences: [string, Value[]][] = [];
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes.readUInt8(at);
    const size = at + 5 <= bytes.length ? bytes.readInt32LE(at + 1) : -1;
    const section = bytes.subarray(at + 1, at + 1 + size);
    if (size < 5 || section.length !== size) throw new ProtocolError('section beyond the message');
    if (kind === 0) {
      if (body) throw new ProtocolError('more than one body');
      body = decode(section);
    } else if (kind === 1) sequences.push(readSequence(section));
    else throw new ProtocolError(`section kind ${kind}`);
    at += 1 + size;
  }
  if (!body) throw new ProtocolError('no body');
  for (const [name, documents] of sequences) {
    if (body.has(name)) throw new MongoError(40413, `Duplicate field '${name}' in body and document sequence`);
    body.set(name, documents);
  }
  return body;
}

function readSequence(section: Buffer): [string, Value[]] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolError('sequence without name');
  const documents: Value[] = [];
  let at = nameEnd + 1;
  while (at < section.length) {
    const size = at + 4 <= section.length ? section.readInt32LE(at) : -1;
    if (size < 5 || at + size > section.length) throw new ProtocolError('document beyond its sequence');
    documents.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  return [section.toString('utf8', 4, nameEnd), documents];
}

/** OP_QUERY is answered for the first hello of a connection only. */
function readQuery(message: Buffer, requestId: number): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  const start = nameEnd + 9;
  if (nameEnd < 0 || start + 4 > message.length) throw new ProtocolError('malformed OP_QUERY');
  const collection = message.toString('utf8', HEADER_BYTES + 4, nameEnd);
  const command = decode(message.subarray(start, start + message.readInt32LE(start)));
  const name = command.keys().next().value ?? '';
  if (!collection.endsWith('.$cmd') || !['hello', 'isMaster', 'ismaster'].includes(name))
    throw new MalformedQuery(requestId);
  command.set('$db', collection.slice(0, -5));
  return { requestId, command, legacy: true, wantsReply: true };
}

/** Source: MongoDB 6 and later answer 352 to OP_QUERY commands other than hello. */
export class MalformedQuery extends Error {
  readonly requestId: number;
  readonly reason = new MongoError(352, 'Unsupported OP_QUERY command. The client driver may require an upgrade.');

  constructor(requestId: number) {
    super('Unsupported OP_QUERY command');
    this.requestId = requestId;
  }
}

let lastRequestId = 0;

/** The bytes of an answer. */
export function writeReply(reply: Doc, responseTo: number, legacy: boolean): Buffer {
  const body = encode(reply);
  const head = Buffer.alloc(legacy ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  lastRequestId = (lastRequestId + 1) & 0x7fffffff;
  head.writeInt32LE(lastRequestId, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  if (legacy) {
    head.writeInt32LE(8, 16); // AwaitCapable
    head.writeInt32LE(1, 32); // one document
  }
  return Buffer.concat([head, body]);
}
