import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { OAuthEngine } from '../oauth/engine.ts';
import { sendConsentPage, sendErrorPage } from '../oauth/pages.ts';
import { Parameters } from '../oauth/parameters.ts';
import { Refusal } from '../oauth/refusal.ts';
import { asRefusal, queryOf, readForm, redirect } from '../oauth/routes.ts';
import { tenantId, type MicrosoftAccount, type Tenant } from './policy.ts';
import { describeScope, readScopes } from './scopes.ts';

interface AdminRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
}

/** Most forms that are open at once; the oldest go first. */
const mostForms = 1_000;

/** The page on which an admin consents for everybody (FACTS F): `/{tenant}/v2.0/adminconsent`. */
export function adminConsent(app: FastifyInstance, engine: OAuthEngine<MicrosoftAccount>, tenant: Tenant): void {
  const forms = new Map<string, AdminRequest>();
  const { policy } = engine;
  const action = `${app.prefix}/common/adminconsent`;

  const show = (reply: FastifyReply, id: string, asked: AdminRequest, username: string, error?: string) =>
    sendConsentPage(reply, {
      provider: 'Microsoft for your whole organization',
      clientId: asked.clientId,
      scopes: asked.scopes.map((scope) => ({ line: describeScope(scope), name: undefined })),
      action,
      people: policy.people.list().filter(({ isAdmin }) => isAdmin),
      requestId: id,
      username,
      linkFor: undefined,
      error,
    });
  const refuse = (reply: FastifyReply, error: unknown) => {
    const wording = policy.wordAuthorize(asRefusal(error));
    const description = wording.description;
    return sendErrorPage(reply, { provider: policy.title, status: 400, error: wording.error, description });
  };

  app.get('/:tenant/v2.0/adminconsent', async (request, reply) => {
    try {
      const asked = readRequest(engine, new Parameters(queryOf(request)));
      const id = randomBytes(24).toString('base64url');
      const [oldest] = forms.keys();
      if (oldest !== undefined && forms.size >= mostForms) forms.delete(oldest);
      forms.set(id, asked);
      return await show(reply, id, asked, policy.people.list().find(({ isAdmin }) => isAdmin)?.username ?? '');
    } catch (error) {
      return refuse(reply, error);
    }
  });

  app.post('/common/adminconsent', async (request, reply) => {
    try {
      const params = readForm(request);
      const id = params.required('request');
      const asked = forms.get(id);
      if (!asked) throw new Refusal('body_malformed');
      const username = params.optional('username') ?? '';
      const decision = params.optional('decision');
      if (decision === 'deny') {
        forms.delete(id);
        const { error, description } = policy.wordAuthorize(Object.assign(new Refusal('denied'), { target: asked }));
        return await redirect(reply, asked, { error, error_description: description });
      }
      if (decision !== 'allow') return await show(reply, id, asked, username, 'decision must be allow or deny.');
      if (policy.people.find(username)?.isAdmin !== true) {
        return await show(reply, id, asked, username, 'Only an admin of the organization can do this.');
      }
      request.actingUsername = username;
      forms.delete(id);
      tenant.adminConsent = 'granted';
      return await redirect(reply, asked, { admin_consent: 'True', tenant: tenantId, scope: asked.scopes.join(' ') });
    } catch (error) {
      return refuse(reply, error);
    }
  });
}

/** @throws Refusal */
function readRequest(engine: OAuthEngine<MicrosoftAccount>, params: Parameters): AdminRequest {
  params.assertNoneRepeated();
  const client = engine.clients.find(params.optional('client_id'));
  if (!client) throw new Refusal('client', 'client_id');
  const redirectUri = params.optional('redirect_uri');
  if (redirectUri === undefined) throw new Refusal('redirect_uri_missing', 'redirect_uri');
  if (!client.redirectUris.includes(redirectUri)) throw new Refusal('redirect_uri', 'redirect_uri');
  // Without a scope an admin consents to all that the app was registered with.
  const scopes = readScopes(params.optional('scope') ?? 'User.Read Mail.Send', client.scopes);
  return { clientId: client.clientId, redirectUri, state: params.optional('state'), scopes };
}
