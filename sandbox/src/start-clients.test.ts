import { expect, test } from '@jest/globals';
import { redirectUrisOf } from './start-clients.ts';

const [one, two] = ['http://127.0.0.1:4000', 'https://us.api.oneshot.example'];
const salesforce = '/v1/auth/salesforce/callback';

test('a list that names only Salesforce’s callback gives the others theirs at the same origins', () => {
  const uris = [one + salesforce, two + salesforce];
  expect(redirectUrisOf('salesforce', uris)).toEqual(uris);
  expect(redirectUrisOf('google', uris)).toEqual([one, two].map((origin) => `${origin}/v1/connections/gmail/callback`));
  expect(redirectUrisOf('outreach', [one + salesforce])).toEqual([`${one}/v1/connections/outreach/callback`]);
});

test('each provider takes its own of a list, and nobody another one’s', () => {
  const uris = [`${one}${salesforce}`, `${two}/v1/connections/outlook/callback`, 'http://127.0.0.1:9/else'];
  expect(redirectUrisOf('salesforce', uris)).toEqual([`${one}${salesforce}`, 'http://127.0.0.1:9/else']);
  expect(redirectUrisOf('microsoft', uris)).toEqual([`${two}/v1/connections/outlook/callback`]);
});
