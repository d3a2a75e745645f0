import { describe, expect, test } from '@jest/globals';
import { isAllowedOrigin, loginUrlOf, type OriginRules } from './origin.ts';

const lightning: OriginRules = { previewOrigin: undefined, salesforce: { loginUrl: undefined } };
const development: OriginRules = {
  previewOrigin: 'http://127.0.0.1:4200',
  salesforce: { loginUrl: 'http://127.0.0.1:4100/salesforce' },
};

test.each([
  ['https://acme.lightning.force.com', 'https://acme.my.salesforce.com'],
  ['https://acme--uat.sandbox.lightning.force.com', 'https://acme--uat.sandbox.my.salesforce.com'],
  ['https://acme-dev-ed.develop.lightning.force.com', 'https://acme-dev-ed.develop.my.salesforce.com'],
  ['https://ab12cd34.scratch.lightning.force.com', 'https://ab12cd34.scratch.my.salesforce.com'],
  ['https://army.lightning.crmforce.mil', 'https://army.my.salesforce.mil'],
])('%s signs in at %s', (origin, login) => {
  expect(loginUrlOf(lightning, origin)).toBe(login);
});

describe('an origin that only looks like Lightning is none', () => {
  test.each([
    'https://x.lightning.force.com.evil.example',
    'https://lightning.force.com',
    'https://.lightning.force.com',
    'https://evil-lightning.force.com',
    'https://x.lightning.force.com:443',
    'https://x.lightning.force.com:8443',
    'https://x.lightning.force.com/',
    'https://x.lightning.force.com?',
    'https://x.lightning.force.com#',
    'https://x.lightning.force.com.',
    'https://evil.example/x.lightning.force.com',
    'https://evil.example#.lightning.force.com',
    'https://evil.example?.lightning.force.com',
    'https://user@x.lightning.force.com',
    'https://evil.example:1@x.lightning.force.com',
    'https://evil.example\\.lightning.force.com',
    'https://x%2e.lightning.force.com',
    'https://a..lightning.force.com',
    'https://-a.lightning.force.com',
    'https://a-.lightning.force.com',
    'https://a_b.lightning.force.com',
    'https://a b.lightning.force.com',
    'https://аcme.lightning.force.com',
    'https://ACME.lightning.force.com',
    'https://acme.LIGHTNING.force.com',
    'https://a.b.c.d.lightning.force.com',
    `https://${'a'.repeat(64)}.lightning.force.com`,
    `https://${'a.'.repeat(200)}lightning.force.com`,
    'http://acme.lightning.force.com',
    'HTTPS://acme.lightning.force.com',
    ' https://acme.lightning.force.com',
    'https://acme.lightning.force.com\n',
    'https://acme.lightning.force.com\0.evil.example',
    'https://acme.my.salesforce.com',
    'https://acme.lightning.crmforce.mil.example',
    'https://acme.lightning.force.mil',
    'https://acme.my.site.com',
    'https://[::1].lightning.force.com',
    'null',
    '',
    'javascript:alert(1)//.lightning.force.com',
    'data:text/html,.lightning.force.com',
    'http://127.0.0.1:4200',
  ])('%j', (origin) => {
    expect(isAllowedOrigin(lightning, origin)).toBe(false);
    expect(loginUrlOf(lightning, origin)).toBeUndefined();
  });
});

test('in development the preview is the one origin, and the sandbox the login host', () => {
  expect(loginUrlOf(development, 'http://127.0.0.1:4200')).toBe('http://127.0.0.1:4100/salesforce');
  for (const origin of ['https://acme.lightning.force.com', 'http://127.0.0.1:4201', 'http://localhost:4200', ''])
    expect(isAllowedOrigin(development, origin)).toBe(false);
});
