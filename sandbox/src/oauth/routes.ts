import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OAuthEngine } from './engine.ts';
import { sendConsentPage, sendErrorPage } from './pages.ts';
import { Parameters } from './parameters.ts';
import type { Authorization, Person } from './policy.ts';
import { Refusal } from './refusal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who the call was made for, as far as it is known; for the request log. */
    actingUsername: string | null;
  }
}

/** Largest form that the endpoints read, in bytes. */
const formLimitBytes = 64 * 1024;
const cookieName = 'sandbox_browser';

/**
 * Puts an engine on HTTP: the authorize page, its form, the token endpoint and, where the policy has one, the revoke
 * endpoint.
 * @param app the provider's own scope; its prefix is the provider's
 */
export function oauthRoutes<P extends Person>(app: FastifyInstance, engine: OAuthEngine<P>): void {
  const { policy } = engine;
  app.register(async (scope) => {
    acceptAnyBody(scope);

    scope.get(policy.paths.authorize, async (request, reply) => {
      return refusingTo(reply, engine, () => {
        const params = new Parameters(queryOf(request));
        const authorization = engine.authorize(params);
        const user = engine.signedIn(readCookie(request));
        if (user && engine.isSilent(authorization, user)) return allow(request, reply, engine, authorization, user);
        return showForm(request, reply, engine, authorization, {
          username: authorization.loginHint ?? user?.username ?? policy.people.list()[0]?.username ?? '',
          linkFor: (username) => linkFor(request.url.split('?')[0] ?? '', params, username),
        });
      });
    });

    scope.post(policy.paths.consent, { bodyLimit: formLimitBytes }, async (request, reply) => {
      return refusingTo(reply, engine, () => {
        const params = readForm(request);
        const requestId = params.required('request');
        const authorization = engine.findForm(requestId);
        if (!authorization) {
          const description = 'This form was sent already or is too old. Start again from the app.';
          return sendErrorPage(reply, { provider: policy.title, status: 400, error: 'form_expired', description });
        }
        const username = params.optional('username') ?? '';
        const decision = params.optional('decision');
        const again = (error: string) =>
          showForm(request, reply, engine, authorization, { username, error, requestId, linkFor: undefined });
        if (decision === 'deny') {
          engine.closeForm(requestId);
          throw engine.deny(authorization);
        }
        if (decision !== 'allow') return again('decision must be allow or deny.');
        const user = policy.people.find(username);
        if (!user) return again(username === '' ? 'Enter a username.' : 'Nobody here has this username.');
        engine.closeForm(requestId);
        const cookie = engine.signIn(user);
        reply.header('set-cookie', `${cookieName}=${cookie}; Path=${app.prefix}; HttpOnly; SameSite=Lax`);
        const ticked = params.all('scope');
        const { boxes = params.optional('boxes') } = request.query as { readonly boxes?: unknown };
        const hasChosen = ticked.length > 0 || boxes !== undefined;
        const allowed = hasChosen ? engine.narrow(authorization, ticked) : authorization;
        return allow(request, reply, engine, allowed, user);
      });
    });

    scope.post(policy.paths.token, { bodyLimit: formLimitBytes }, async (request, reply) => {
      reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
      try {
        const issued = engine.token(readForm(request), request.headers.authorization);
        request.actingUsername = issued.user.username;
        return await policy.answer(issued);
      } catch (error) {
        return sendWording(reply, policy.wordToken(asRefusal(error)));
      }
    });

    if (policy.paths.revoke !== undefined) {
      scope.post(policy.paths.revoke, { bodyLimit: formLimitBytes }, async (request, reply) => {
        try {
          const query = queryOf(request);
          const isInQuery = policy.revokesByQuery === true && new URLSearchParams(query).has('token');
          engine.revoke(isInQuery ? new Parameters(query) : readForm(request));
          return await reply.status(200).send();
        } catch (error) {
          return sendWording(reply, policy.wordRevoke(asRefusal(error)));
        }
      });
    }

    // Only what happens before a handler runs arrives here, such as a body beyond the limit.
    scope.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
      const refusal = new Refusal(error.statusCode === 413 ? 'body_too_large' : 'body_malformed');
      return sendWording(reply, policy.wordToken(asRefusal((error.statusCode ?? 500) < 500 ? refusal : error)));
    });
  });
}

/** Bodies are taken as text whatever they claim to be, so that a wrong type gets the provider's own answer. */
export function acceptAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** @throws Refusal `content_type` for anything but a form, `body_malformed` for a broken one */
export function readForm(request: FastifyRequest): Parameters {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new Refusal('content_type', 'Content-Type');
  return new Parameters(typeof request.body === 'string' ? request.body : '');
}

/** The query string as it came over the wire. */
export function queryOf(request: FastifyRequest): string {
  const mark = request.url.indexOf('?');
  return mark < 0 ? '' : request.url.slice(mark + 1);
}

export function sendWording(reply: FastifyReply, wording: { status: number; body: unknown }): FastifyReply {
  return reply.status(wording.status).send(wording.body);
}

/** The refusal that was thrown; anything else is a fault of the sandbox and goes on up. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function allow<P extends Person>(
  request: FastifyRequest,
  reply: FastifyReply,
  engine: OAuthEngine<P>,
  authorization: Authorization,
  user: P,
): FastifyReply {
  request.actingUsername = user.username;
  const code = engine.allow(authorization, user);
  return redirect(reply, authorization, { code, ...engine.policy.sentBack?.(authorization) });
}

function showForm<P extends Person>(
  request: FastifyRequest,
  reply: FastifyReply,
  engine: OAuthEngine<P>,
  authorization: Authorization,
  shown: {
    username: string;
    linkFor: ((username: string) => string) | undefined;
    requestId?: string;
    error?: string;
  },
): FastifyReply {
  const { policy } = engine;
  return sendConsentPage(reply, {
    provider: policy.title,
    clientId: authorization.client.clientId,
    scopes: authorization.scopes.map((name) => ({
      line: policy.describeScope(name),
      name: policy.isOptional?.(name) ? name : undefined,
    })),
    action: request.server.prefix + policy.paths.consent,
    people: policy.people.list(),
    requestId: shown.requestId ?? engine.openForm(authorization),
    username: shown.username,
    linkFor: shown.linkFor,
    error: shown.error,
  });
}

/** Runs a page's handler; a refusal goes to the client's redirect URI or onto a page, as the policy words it. */
function refusingTo<P extends Person>(
  reply: FastifyReply,
  engine: OAuthEngine<P>,
  handle: () => FastifyReply,
): FastifyReply {
  try {
    return handle();
  } catch (error) {
    const refusal = asRefusal(error);
    const wording = engine.policy.wordAuthorize(refusal);
    if (wording.as === 'redirect' && refusal.target) {
      return redirect(reply, refusal.target, { error: wording.error, error_description: wording.description });
    }
    const status = wording.as === 'page' ? wording.status : 400;
    return sendErrorPage(reply, { ...wording, provider: engine.policy.title, status });
  }
}

/** Back to the client, with `state` as it was sent. */
export function redirect(
  reply: FastifyReply,
  target: { readonly redirectUri: string; readonly state: string | undefined },
  answer: Readonly<Record<string, string>>,
): FastifyReply {
  const url = new URL(target.redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== '') url.searchParams.append(name, value);
  if (target.state !== undefined) url.searchParams.append('state', target.state);
  return reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').redirect(url.href, 302);
}

function linkFor(path: string, params: Parameters, username: string): string {
  const query = new URLSearchParams([...params.entries()].filter(([name]) => name !== 'login_hint'));
  query.append('login_hint', username);
  return `${path}?${query.toString()}`;
}

function readCookie(request: FastifyRequest): string | undefined {
  return new RegExp(`(?:^|;\\s*)${cookieName}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1];
}
