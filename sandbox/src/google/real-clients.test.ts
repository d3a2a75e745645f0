import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { OAuth2Client, CodeChallengeMethod } from 'google-auth-library';
import * as openid from 'openid-client';
import { defaultClient } from '../index.ts';
import { repOne, TestSandbox } from '../testing/browser.ts';
import { Dance } from '../testing/dance.ts';
import { gmailSend } from './scopes.ts';

/** Clients that know nothing of the sandbox, given only its base URL. */

let sandbox: TestSandbox;
let google: Dance;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  google = new Dance(sandbox, { provider: 'google', authorize: '/o/oauth2/v2/auth', token: '/token', ask: {} });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const scope = `openid email ${gmailSend}`;

test('google-auth-library signs in, checks the id_token, sends, refreshes by itself and revokes', async () => {
  const client = new OAuth2Client({
    ...defaultClient,
    redirectUri: google.redirectUri,
    issuers: [google.base],
    forceRefreshOnFailure: true,
    endpoints: {
      oauth2AuthBaseUrl: `${google.base}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${google.base}/token`,
      oauth2RevokeUrl: `${google.base}/revoke`,
      tokenInfoUrl: `${google.base}/tokeninfo`,
      oauth2FederatedSignonPemCertsUrl: `${google.base}/oauth2/v1/certs`,
    },
  });
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const url = client.generateAuthUrl({
    access_type: 'offline',
    prompt: 'consent',
    scope,
    state: 's',
    code_challenge_method: CodeChallengeMethod.S256,
    ...(codeChallenge === undefined ? {} : { code_challenge: codeChallenge }),
  });
  const code = (await google.allow(url)).searchParams.get('code') ?? '';
  const { tokens } = await client.getToken({ code, codeVerifier });
  client.setCredentials(tokens);
  const ticket = await client.verifyIdToken({ idToken: tokens.id_token ?? '', audience: defaultClient.clientId });
  expect(ticket.getPayload()).toMatchObject({ email: repOne, email_verified: true });
  const info = await client.getTokenInfo(tokens.access_token ?? '');
  expect(info).toMatchObject({ aud: defaultClient.clientId, email: repOne, sub: ticket.getUserId() });
  expect(info.scopes).toContain(gmailSend);

  // An expired access token is refreshed on the way.
  await sandbox.control('POST', '/tokens', { provider: 'google', username: repOne, action: 'expire' });
  const raw = Buffer.from(`From: ${repOne}\r\nTo: a@customers.example\r\nSubject: x\r\n\r\nHi\r\n`).toString(
    'base64url',
  );
  const sent = await client.request<{ labelIds: string[] }>({
    url: `${google.base}/gmail/v1/users/me/messages/send`,
    method: 'POST',
    data: { raw },
  });
  expect(sent.data.labelIds).toEqual(['SENT']);
  expect(client.credentials.access_token).not.toBe(tokens.access_token);
  expect(client.credentials.refresh_token).toBe(tokens.refresh_token);

  await client.revokeToken(tokens.refresh_token ?? '');
  await expect(client.refreshAccessToken()).rejects.toMatchObject({ message: 'invalid_grant' });
});

test('openid-client discovers, signs in, reads userinfo, refreshes and revokes', async () => {
  const config = await openid.discovery(
    new URL(google.base),
    defaultClient.clientId,
    defaultClient.clientSecret,
    openid.ClientSecretPost(),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; the sandbox is http on loopback
    { execute: [openid.allowInsecureRequests] },
  );
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: google.redirectUri,
    scope,
    access_type: 'offline',
    prompt: 'consent',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, await google.allow(url.href), checks);
  const subject = tokens.claims()?.sub ?? '';
  expect(await openid.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({ email: repOne });
  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(refreshed.claims()?.sub).toBe(subject);
  await openid.tokenRevocation(config, tokens.refresh_token ?? '');
  await expect(openid.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
    error_description: 'Token has been expired or revoked.',
  });
});
