import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Mails } from '../mails.ts';
import { bearerOf, bearerSession } from '../oauth/bearer.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import { GraphError } from './graph-error.ts';
import { checkSendMail } from './send-mail.ts';
import type { MicrosoftAccount } from './policy.ts';

/** Largest call, in bytes. */
const sendLimitBytes = 4 * 1024 * 1024;

const denied = (): GraphError =>
  new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');

/** The two calls of Graph that the product makes: who am I, and send this. */
export function graphRoutes(app: FastifyInstance, engine: OAuthEngine<MicrosoftAccount>, mails: Mails): void {
  const sessionOf = (request: FastifyRequest) => {
    const session = bearerSession(engine, request);
    if (session) return session;
    const message = bearerOf(request) === undefined ? 'Access token is empty.' : 'Lifetime validation failed, the token is expired.'; // prettier-ignore
    throw new GraphError(401, 'InvalidAuthenticationToken', message);
  };

  app.get('/v1.0/me', async (request) => {
    const { user, scopes } = sessionOf(request);
    if (!scopes.includes('User.Read')) {
      throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    }
    return {
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users/$entity',
      id: user.oid,
      displayName: user.name,
      givenName: user.firstName,
      surname: user.lastName,
      mail: user.username,
      userPrincipalName: user.username,
      businessPhones: [],
      jobTitle: null,
      mobilePhone: null,
      officeLocation: null,
      preferredLanguage: null,
    };
  });

  app.post('/v1.0/me/sendMail', { bodyLimit: sendLimitBytes }, async (request, reply) => {
    const { user, scopes } = sessionOf(request);
    if (!scopes.includes('Mail.Send')) throw denied();
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      throw new GraphError(415, 'RequestBodyRead', 'The content type of the request is not supported.');
    }
    const raw = typeof request.body === 'string' ? request.body : '';
    checkSendMail(raw, user.username);
    mails.accept({ provider: 'microsoft', username: user.username, raw });
    return reply.status(202).send();
  });
}
