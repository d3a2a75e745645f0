import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import * as openid from 'openid-client';
import { defaultClient } from '../../index.ts';
import { pkce, redirectUri, repOne, sentBack, TestSandbox } from '../../testing/browser.ts';

/** Clients that know nothing of the sandbox, given only its base URL. */

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

/** What the person in front of the browser does with the URL that a client made. */
async function allow(url: string): Promise<URL> {
  const page = await sandbox.visit(url);
  const answer = await sandbox.submit(await page.text(), { username: repOne, decision: 'allow' });
  const back = new URL(redirectUri);
  back.search = sentBack(answer).toString();
  return back;
}

function discover(authentication?: openid.ClientAuth): Promise<openid.Configuration> {
  return openid.discovery(
    new URL(sandbox.salesforce),
    defaultClient.clientId,
    defaultClient.clientSecret,
    authentication,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; the sandbox is http on loopback
    { execute: [openid.allowInsecureRequests] },
  );
}

test.each([
  ['client_secret_post', openid.ClientSecretPost()],
  ['client_secret_basic', openid.ClientSecretBasic(defaultClient.clientSecret)],
])(
  'openid-client discovers, signs in, reads userinfo, introspects, refreshes and revokes with %s',
  async (_how, how) => {
    const config = await discover(how);
    const verifier = openid.randomPKCECodeVerifier();
    const [state, nonce] = [openid.randomState(), openid.randomNonce()];
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid api refresh_token',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await openid.authorizationCodeGrant(config, await allow(url.href), checks);
    const subject = tokens.claims()?.sub ?? '';
    expect(subject).toContain('/id/00D');
    expect(tokens.expires_in).toBeUndefined();
    expect(await openid.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({
      preferred_username: repOne,
    });
    expect(await openid.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: true });

    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    await openid.tokenRevocation(config, tokens.refresh_token ?? '');
    await expect(openid.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
  },
);

test('openid-client reads a refusal', async () => {
  const config = await discover(openid.ClientSecretPost('wrong'));
  const callback = new URL(`${redirectUri}?code=guessed&state=s`);
  const checks = { pkceCodeVerifier: pkce().verifier, expectedState: 's' };
  await expect(openid.authorizationCodeGrant(config, callback, checks)).rejects.toMatchObject({
    error: 'invalid_client',
  });
});

test('jsforce signs in, reads the identity, refreshes and revokes', async () => {
  const { verifier, challenge } = pkce();
  const oauth2 = new jsforce.OAuth2({
    loginUrl: sandbox.salesforce,
    clientId: defaultClient.clientId,
    clientSecret: defaultClient.clientSecret,
    redirectUri,
  });
  const url = oauth2.getAuthorizationUrl({
    scope: 'api id refresh_token custom_permissions',
    state: 's',
    code_challenge: challenge,
  });
  const code = (await allow(url)).searchParams.get('code') ?? '';

  const connection = new jsforce.Connection({ oauth2, version: '67.0' });
  const user = await connection.authorize(code, { code_verifier: verifier });
  expect(connection.instanceUrl).toBe(sandbox.salesforce);
  const identity = await connection.identity();
  expect(identity).toMatchObject({ user_id: user.id, organization_id: user.organizationId, username: repOne });
  // Without what authorize() remembers it asks the REST API for the identity URL first.
  const fresh = new jsforce.Connection({
    instanceUrl: sandbox.salesforce,
    accessToken: connection.accessToken ?? '',
    version: '67.0',
  });
  expect((await fresh.identity()).user_id).toBe(user.id);

  const refreshed = await oauth2.refreshToken(connection.refreshToken ?? '');
  expect(refreshed.access_token).not.toBe(connection.accessToken);
  await oauth2.revokeToken(connection.refreshToken ?? '');
  await expect(oauth2.refreshToken(connection.refreshToken ?? '')).rejects.toMatchObject({ name: 'invalid_grant' });
});
