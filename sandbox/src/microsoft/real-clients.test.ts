import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ConfidentialClientApplication, type INetworkModule, type NetworkRequestOptions } from '@azure/msal-node';
import * as openid from 'openid-client';
import { defaultClient } from '../index.ts';
import { pkce, repOne, TestSandbox } from '../testing/browser.ts';
import { Dance } from '../testing/dance.ts';
import { tenantId } from './policy.ts';

/** Clients that know nothing of the sandbox, given only its base URL. */

let sandbox: TestSandbox;
let microsoft: Dance;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  microsoft = new Dance(sandbox, {
    provider: 'microsoft',
    authorize: '/common/oauth2/v2.0/authorize',
    token: '/common/oauth2/v2.0/token',
    ask: {},
  });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const realHost = 'https://login.microsoftonline.com';

/** MSAL insists on https and its own host: the network below it leads to the sandbox instead. */
function network(): INetworkModule {
  const call = async (method: string, url: string, options?: NetworkRequestOptions) => {
    if (!url.startsWith(`${realHost}/`)) throw new Error(`MSAL called ${url}`);
    const answer = await fetch(microsoft.base + url.slice(realHost.length), {
      method,
      headers: options?.headers ?? {},
      ...(options?.body === undefined ? {} : { body: options.body }),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: (await answer.json()) as never };
  };
  return {
    sendGetRequestAsync: (url, options) => call('GET', url, options),
    sendPostRequestAsync: (url, options) => call('POST', url, options),
  };
}

test.each(['common', tenantId])('MSAL signs in, refreshes and reads a refusal, as %s', async (tenant) => {
  const app = new ConfidentialClientApplication({
    auth: { ...defaultClient, authority: `${realHost}/${tenant}`, knownAuthorities: ['login.microsoftonline.com'] },
    system: { networkClient: network() },
  });
  const scopes = ['User.Read', 'Mail.Send'];
  const { verifier, challenge } = pkce();
  const url = await app.getAuthCodeUrl({
    scopes,
    redirectUri: microsoft.redirectUri,
    state: 's',
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  });
  expect(url).toContain(`${realHost}/${tenant}/oauth2/v2.0/authorize?`);
  const back = await microsoft.allow(url.replace(realHost, microsoft.base));
  const code = back.searchParams.get('code') ?? '';
  const request = { code, scopes, redirectUri: microsoft.redirectUri, codeVerifier: verifier };
  const result = await app.acquireTokenByCode(request);
  expect(result).toMatchObject({ tenantId, account: { username: repOne, name: 'Robin Onesmith', tenantId } });
  expect(result.scopes).toEqual(expect.arrayContaining(scopes));

  await sandbox.control('POST', '/tokens', { provider: 'microsoft', username: repOne, action: 'expire' });
  if (!result.account) throw new Error('No account');
  const refreshed = await app.acquireTokenSilent({ account: result.account, scopes, forceRefresh: true });
  expect(refreshed.accessToken).not.toBe(result.accessToken);
  expect((await microsoft.get('/v1.0/me', refreshed.accessToken)).status).toBe(200);

  await expect(app.acquireTokenByCode(request)).rejects.toMatchObject({
    errorCode: 'invalid_grant',
    errorNo: 54005,
  });
});

test('MSAL takes missing consent as something that the person must do', async () => {
  const app = new ConfidentialClientApplication({
    auth: { ...defaultClient, authority: `${realHost}/common` },
    system: { networkClient: network() },
  });
  const tokens = await microsoft.signIn({ scope: 'openid profile offline_access Mail.Send' });
  await sandbox.control('POST', '/tenant', { provider: 'microsoft', adminConsent: 'required' });
  const refresh = app.acquireTokenByRefreshToken({ refreshToken: tokens.refresh_token ?? '', scopes: ['Mail.Send'] });
  await expect(refresh).rejects.toMatchObject({ name: 'InteractionRequiredAuthError', subError: 'consent_required' });
});

test('openid-client discovers, signs in and refreshes', async () => {
  const config = await openid.discovery(
    new URL(`${microsoft.base}/${tenantId}/v2.0`),
    defaultClient.clientId,
    undefined,
    openid.ClientSecretPost(defaultClient.clientSecret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; the sandbox is http on loopback
    { execute: [openid.allowInsecureRequests] },
  );
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: microsoft.redirectUri,
    scope: 'openid profile offline_access User.Read Mail.Send',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, await microsoft.allow(url.href), checks);
  expect(tokens.claims()).toMatchObject({ tid: tenantId, preferred_username: repOne });
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(again.refresh_token).not.toBe(tokens.refresh_token);
  await expect(openid.refreshTokenGrant(config, 'guessed')).rejects.toMatchObject({ error: 'invalid_grant' });
});
