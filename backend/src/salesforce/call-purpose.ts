/** What a call to the customer's Salesforce is for, as the admin sees the org's API calls broken down. */
export const CALL_PURPOSES = ['sign_in', 'customer_list', 'records', 'email', 'outreach', 'activity', 'setup'] as const;
export type CallPurpose = (typeof CALL_PURPOSES)[number];

/** Longest prefix first; what names none of them is part of being signed in. */
const BY_PATH: readonly (readonly [RegExp, CallPurpose])[] = [
  [/^\/v1\/accounts(?:\/refresh)?$/, 'customer_list'],
  [/^\/v1\/(?:accounts|contacts)\//, 'records'],
  [/^\/v1\/email/, 'email'],
  [/^\/v1\/outreach\//, 'outreach'],
  [/^\/v1\/activity/, 'activity'],
  [/^\/v1\/(?:settings|setup|admin|audit|privacy)/, 'setup'],
];

/** @param route the pattern of a route as registered, `/v1/accounts/:id` */
export function purposeOf(route: string): CallPurpose {
  return BY_PATH.find(([pattern]) => pattern.test(route))?.[1] ?? 'sign_in';
}
