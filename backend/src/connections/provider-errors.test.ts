import { expect, test } from '@jest/globals';
import { ConnectionUnusable, type Reason } from './problems.ts';
import { tokenRefusal, type Refusal } from './provider-errors.ts';
import type { ProviderName } from './tokens.ts';

const aadsts = (code: number, error = 'invalid_grant', more: object = {}): object => ({
  error,
  error_description: `AADSTS${code}: canary`,
  error_codes: [code],
  timestamp: '2026-11-23 00:00:00Z',
  trace_id: 't',
  correlation_id: 'c',
  ...more,
});
const reconnect = (reason: string): object => ({ kind: 'reconnect', reason });
const WAITING = { kind: 'waiting_for_admin', reason: 'admin_consent_required' };
const OURS = { kind: 'misconfigured' };
const LATER = { kind: 'transient' };
const NONSENSE = { kind: 'nonsense' };

/** Source: FACTS D-F. */
test.each<[ProviderName, number, unknown, object]>([
  [
    'gmail',
    400,
    { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
    reconnect('revoked'),
  ],
  [
    'gmail',
    400,
    { error: 'invalid_grant', error_description: 'Account has been deleted' },
    reconnect('account_closed'),
  ],
  ['gmail', 400, { error: 'invalid_grant', error_subtype: 'invalid_rapt' }, reconnect('mfa_required')],
  ['gmail', 400, { error: 'admin_policy_enforced' }, reconnect('blocked_by_admin')],
  ['gmail', 401, { error: 'invalid_client', error_description: 'The OAuth client was not found.' }, OURS],
  ['gmail', 401, { error: 'unauthorized_client' }, OURS],
  ['gmail', 403, { error: { code: 403, errors: [{ reason: 'rateLimitExceeded' }] } }, LATER],
  ['gmail', 403, { error: { code: 403, errors: [{ reason: 'userRateLimitExceeded' }] } }, LATER],
  ['gmail', 403, { error: { code: 403, errors: [{ reason: 'forbidden' }] } }, NONSENSE],
  ['gmail', 500, { error: 'internal_failure' }, LATER],
  ['gmail', 503, 'Service Unavailable', LATER],
  ['outlook', 400, aadsts(54005), reconnect('revoked')],
  ['outlook', 400, aadsts(70000), reconnect('revoked')],
  ['outlook', 400, aadsts(70008), reconnect('expired')],
  ['outlook', 400, aadsts(700082), reconnect('unused')],
  ['outlook', 400, aadsts(501481), reconnect('revoked')],
  ['outlook', 401, aadsts(7000218, 'invalid_client'), OURS],
  ['outlook', 401, aadsts(7000215, 'invalid_client'), OURS],
  ['outlook', 401, aadsts(7000222, 'invalid_client'), OURS],
  ['outlook', 400, aadsts(65001, 'invalid_grant', { suberror: 'consent_required' }), WAITING],
  ['outlook', 400, aadsts(90094, 'interaction_required'), WAITING],
  ['outlook', 400, aadsts(50076, 'interaction_required', { suberror: 'basic_action' }), reconnect('mfa_required')],
  ['outlook', 400, aadsts(50079, 'interaction_required'), reconnect('mfa_required')],
  ['outlook', 400, aadsts(50173), reconnect('password_changed')],
  ['outlook', 400, aadsts(53003, 'invalid_grant', { suberror: 'message_only' }), reconnect('conditional_access')],
  ['outlook', 400, { error: 'invalid_grant', suberror: 'user_password_expired' }, reconnect('password_changed')],
  ['outlook', 400, { error: 'invalid_grant', suberror: 'additional_action' }, reconnect('mfa_required')],
  ['outlook', 400, { error: 'invalid_grant', suberror: 'toString' }, reconnect('revoked')],
  ['outlook', 400, { error: 'invalid_grant', error_description: 'AADSTS50057: disabled' }, reconnect('account_closed')],
  ['outlook', 400, { error: 'temporarily_unavailable' }, LATER],
  [
    'outreach',
    400,
    { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid' },
    reconnect('revoked'),
  ],
  ['outreach', 401, { error: 'invalid_grant' }, reconnect('revoked')],
  ['outreach', 401, { error: 'invalid_client' }, OURS],
  ['outreach', 429, { errors: [{ id: 'rateLimitExceeded' }] }, LATER],
  ['outreach', 400, { error: 'constructor' }, NONSENSE],
  ['gmail', 200, '<html>sign in</html>', NONSENSE],
  ['gmail', 400, '<html>bad request</html>', NONSENSE],
  ['gmail', 302, '', NONSENSE],
  ['gmail', 200, { error: 'invalid_grant' }, reconnect('revoked')],
  ['outreach', 400, ['invalid_grant'], NONSENSE],
  ['outreach', 400, { error: 7 }, NONSENSE],
  ['outreach', 400, null, NONSENSE],
])('%s %i %j', (provider, status, body, expected) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const refusal: Refusal = tokenRefusal(provider, { status, retryAfter: undefined, body: text });
  expect(refusal).toEqual(expected);
  expect(JSON.stringify(refusal)).not.toContain('canary');
});

/** What a rep reads, and what they can do. */
test.each<[Reason, RegExp, 'reconnect' | 'contact_admin']>([
  ['revoked', /^Outlook: The access was ended there\. Reconnect/, 'reconnect'],
  ['expired', /^Outlook: The access ran out there\. Reconnect/, 'reconnect'],
  ['unused', /^Outlook: .* not used for too long\. Reconnect/, 'reconnect'],
  ['password_changed', /^Outlook: Your password changed there\. Reconnect/, 'reconnect'],
  ['mfa_required', /^Outlook: A second factor is asked for there\. Reconnect/, 'reconnect'],
  ['conditional_access', /^Outlook: A rule of your company .* IT admin/, 'contact_admin'],
  ['blocked_by_admin', /^Outlook: Your IT admin does not allow OneShot there/, 'contact_admin'],
  ['account_closed', /^Outlook: That account is closed or disabled/, 'reconnect'],
  ['admin_consent_required', /^Outlook: Your IT admin's approval is needed\. Send them the link/, 'contact_admin'],
  ['scope_missing', /^Outlook: .* wasn't ticked\. Reconnect and tick it/, 'reconnect'],
  ['key_removed', /^Outlook: Your OneShot key was deleted in Salesforce.*Reconnect/, 'reconnect'],
  ['key_edited', /^Outlook: .* changed by hand in Salesforce\. Ask your Salesforce admin/, 'contact_admin'],
  ['key_unreadable', /^Outlook: .* cannot be read in Salesforce\. Ask your Salesforce admin/, 'contact_admin'],
  ['refresh_interrupted', /^Outlook: A renewal was cut off .* Reconnect/, 'reconnect'],
])('%s reads %s', (reason, sentence, action) => {
  const { problem } = new ConnectionUnusable('outlook', 'reconnect_required', reason);
  expect(problem.message).toMatch(sentence);
  expect(problem).toMatchObject({ status: 409, field: 'outlook', action, reasons: [reason] });
});

test.each([
  ['in seconds', () => '7', 7],
  ['far too late', () => '100000', 3_600],
  ['as a date', () => new Date(Date.now() + 20_000).toUTCString(), 20],
])('Retry-After %s is kept to', (_how, retryAfter, seconds) => {
  const refusal = tokenRefusal('outreach', { status: 429, retryAfter: retryAfter(), body: '' });
  expect(refusal.kind === 'transient' && Math.abs((refusal.retryAfterSeconds ?? 0) - seconds)).toBeLessThan(2);
});

test.each(['-5', 'soon', '', new Date(0).toUTCString()])('Retry-After %j says nothing', (retryAfter) => {
  expect(tokenRefusal('outreach', { status: 429, retryAfter, body: '' })).toEqual({ kind: 'transient' });
});
