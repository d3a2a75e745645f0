import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OAuthEngine } from '../oauth/engine.ts';
import type { Mails } from '../mails.ts';
import { googleSession } from './authenticate.ts';
import { GoogleError } from './error.ts';
import { MimeProblem, readMime } from './mime.ts';
import type { GoogleAccount } from './policy.ts';
import { canSend } from './scopes.ts';

/** Largest call, in bytes: a message of 25 MB in base64, and its JSON. */
const sendLimitBytes = 36 * 1024 * 1024;

const invalid = (message: string): GoogleError => new GoogleError(400, 'invalidArgument', message);

/** Gmail's one call that the product makes: sending a message (FACTS E). */
export function gmailRoutes(app: FastifyInstance, engine: OAuthEngine<GoogleAccount>, mails: Mails): void {
  app.post<{ Params: { userId: string } }>(
    '/gmail/v1/users/:userId/messages/send',
    { bodyLimit: sendLimitBytes },
    async (request) => {
      const { user, scopes } = googleSession(engine, request);
      if (!canSend(scopes)) {
        throw new GoogleError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.');
      }
      const { userId } = request.params;
      if (userId !== 'me' && userId.toLowerCase() !== user.username) {
        throw new GoogleError(403, 'forbidden', `Delegation denied for ${user.username}`);
      }
      const message = readMessage(readRaw(request));
      if (message.from !== user.username.toLowerCase()) throw invalid('Invalid From header');
      mails.accept({ provider: 'google', username: user.username, raw: message.text });
      const id = randomBytes(8).toString('hex');
      return { id, threadId: id, labelIds: ['SENT'] };
    },
  );
}

/** The message of the call, decoded. */
function readRaw(request: FastifyRequest): Buffer {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw invalid(`Bad content type. Please use application/json.`);
  let body: unknown;
  try {
    body = JSON.parse(typeof request.body === 'string' ? request.body : '');
  } catch {
    throw new GoogleError(400, 'parseError', 'Parse Error');
  }
  const raw = typeof body === 'object' && body !== null && 'raw' in body ? body.raw : undefined;
  if (typeof raw !== 'string' || raw === '') {
    throw invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required");
  }
  // RFC 4648, 5: the alphabet safe for URLs; padding may be left out.
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(raw) || raw.replace(/=+$/, '').length % 4 === 1) {
    throw invalid('Invalid value for ByteString');
  }
  return Buffer.from(raw, 'base64url');
}

function readMessage(bytes: Buffer): { from: string; text: string } {
  try {
    return { from: readMime(bytes).from, text: bytes.toString('utf8') };
  } catch (error) {
    throw error instanceof MimeProblem ? invalid(error.message) : error;
  }
}
