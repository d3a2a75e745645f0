import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { passPopup, pkcePair, redeem, start, textOf, visitCallback, type Json } from '../../test/sign-in.ts';

/** Every OAuth error of FACTS A, made by the sandbox or put into its answer, on the whole way to the person. */
let stack: Stack;
const REP = 'rep.one@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
}, 240_000);
afterAll(() => stack.close());
beforeEach(() => stack.sandbox.reset());

/** What the component is told in the end: by the popup's page, or in answer to the code. */
async function told(decision: 'allow' | 'deny' = 'allow'): Promise<Json> {
  const pair = pkcePair();
  const page = await passPopup(stack.backend, REP, { pair, decision });
  if ((page.message.type as unknown as string) === 'sign-in-error') return page.message.error ?? {};
  const answer = await redeem(stack.backend, textOf(page.message.code), pair.verifier);
  return answer.body.error ?? {};
}

const tokenFails =
  (error: string, description = 'x') =>
  () =>
    stack.sandbox.fault({
      pathPattern: '/services/oauth2/token$',
      times: 1,
      status: 400,
      body: { error, error_description: description },
    });

const MADE: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
  ['app not installed', () => stack.sandbox.org({ appInstalled: false }), 'app_not_installed', /Installed Packages/],
  ['app blocked', () => stack.sandbox.org({ appBlocked: true }), 'app_not_approved', /Unblock/],
  [
    'approval required',
    async () => {
      await stack.sandbox.org({ adminApprovalRequired: true });
      await stack.sandbox.user(REP, { permissions: [] });
    },
    'app_not_approved',
    /pre-authorized/,
  ],
  ['org locked', () => stack.sandbox.org({ loginRefusal: 'organisation_locked' }), 'access_denied', /locked or closed/],
  [
    'too many logins',
    () => stack.sandbox.org({ loginRefusal: 'too_many_logins' }),
    'crm_unavailable',
    /too many sign-ins/,
  ],
  [
    'network or hours',
    () => stack.sandbox.org({ loginRefusal: 'login_restricted' }),
    'access_denied',
    /Login IP Ranges/,
  ],
  [
    'consumer not approved',
    () => stack.sandbox.org({ loginRefusal: 'consumer_not_approved' }),
    'app_not_approved',
    /Policies/,
  ],
  ['user inactive', () => stack.sandbox.user(REP, { active: false }), 'user_inactive', /Setup, Users/],
  ['API off', () => stack.sandbox.org({ apiEnabled: false }), 'api_disabled', /API access/],
  ['no permission set', () => stack.sandbox.user(REP, { permissions: [] }), 'permission_missing', /OneShot Rep/],
  ['code expired', tokenFails('invalid_grant', 'expired authorization code'), 'invalid_code', /Sign in again/],
  ['unknown to the token endpoint', tokenFails('app_not_found'), 'app_not_installed', /Installed Packages/],
  ['consumer key', tokenFails('invalid_client_id'), 'crm_invalid', /SALESFORCE_CLIENT_ID/],
  ['consumer secret', tokenFails('invalid_client'), 'crm_invalid', /SALESFORCE_CLIENT_SECRET/],
  ['callback URL', tokenFails('redirect_uri_mismatch'), 'crm_invalid', /v1\/auth\/salesforce\/callback/],
  ['callback URL left out', tokenFails('redirect_uri_missing'), 'crm_invalid', /v1\/auth\/salesforce\/callback/],
  ['verifier', tokenFails('invalid_grant', 'invalid code verifier'), 'invalid_code', /Sign in again/],
  ['scope', tokenFails('invalid_scope'), 'crm_invalid', /custom_permissions/],
  ['PKCE', tokenFails('invalid_request', 'missing required code challenge'), 'crm_invalid', /PKCE/],
];

test.each(MADE)('%s', async (_what, make, code, words) => {
  await make();
  const problem = await told();
  expect(problem).toMatchObject({ code, message: expect.stringMatching(words) });
});

test('denied by the person', async () => {
  expect(await told('deny')).toMatchObject({ code: 'access_denied', message: expect.stringMatching(/press Allow/) });
});

test.each([
  ['OAUTH_APPROVAL_ERROR_GENERIC', 'app_not_installed'],
  ['OAUTH_EC_APP_NOT_FOUND', 'app_not_installed'],
  ['OAUTH_APP_BLOCKED', 'app_not_approved'],
  ['OAUTH_APP_ACCESS_DENIED', 'app_not_approved'],
  ['inactive_org', 'access_denied'],
  ['inactive_user', 'user_inactive'],
  ['rate_limit_exceeded', 'crm_unavailable'],
  ['server_error', 'crm_unavailable'],
  ['invalid_scope', 'crm_invalid'],
  ['unsupported_response_type', 'crm_invalid'],
])('sent back by Salesforce with %s', async (error, code) => {
  const { location, cookie } = await start(stack.backend);
  const state = new URL(location).searchParams.get('state') ?? '';
  const callback = `${stack.backend.url}/v1/auth/salesforce/callback?state=${state}&error=${error}`;
  const page = await visitCallback(stack.backend, callback, cookie);
  expect(page.message.error?.code).toBe(code);
});
