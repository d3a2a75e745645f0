import { expect, test } from '@jest/globals';
import { loadConfig } from '../config.ts';
import { clientOf, endpointsOf } from './endpoints.ts';
import { PROVIDERS } from './tokens.ts';

const OWN = {
  GOOGLE_CLIENT_ID: 'g',
  GOOGLE_CLIENT_SECRET: 's',
  MICROSOFT_CLIENT_ID: 'm',
  MICROSOFT_CLIENT_SECRET: 's',
  MICROSOFT_TENANT: 'contoso.example',
  OUTREACH_CLIENT_ID: 'o',
  OUTREACH_CLIENT_SECRET: 's',
};

test('real credentials lead to the addresses that the providers document, over https', () => {
  const config = loadConfig(OWN);
  expect(PROVIDERS.map((provider) => endpointsOf(config, provider))).toEqual([
    {
      authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
      token: 'https://oauth2.googleapis.com/token',
      revoke: 'https://oauth2.googleapis.com/revoke',
      userinfo: 'https://openidconnect.googleapis.com/v1/userinfo',
      api: 'https://gmail.googleapis.com',
    },
    {
      authorize: 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize',
      token: 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token',
      revoke: undefined,
      userinfo: 'https://graph.microsoft.com/v1.0/me',
      api: 'https://graph.microsoft.com',
      adminConsent: 'https://login.microsoftonline.com/contoso.example/v2.0/adminconsent',
    },
    {
      authorize: 'https://api.outreach.io/oauth/authorize',
      token: 'https://api.outreach.io/oauth/token',
      revoke: undefined,
      userinfo: 'https://api.outreach.io/api/v2',
      api: 'https://api.outreach.io',
    },
  ]);
});

test('a stand-in takes the place of every host of its provider', () => {
  const config = loadConfig({ SANDBOX_PORT: '45002' });
  for (const [provider, prefix] of [
    ['gmail', 'google'],
    ['outlook', 'microsoft'],
    ['outreach', 'outreach'],
  ] as const) {
    const addresses = Object.values(endpointsOf(config, provider) ?? {}).filter((address) => address !== undefined);
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) expect(address).toMatch(new RegExp(`^http://127.0.0.1:45002/${prefix}(?:/|$)`));
    expect(clientOf(config, provider)?.clientId).toBe('oneshot-sandbox-client');
  }
});
