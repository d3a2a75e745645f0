import { Refusal } from '../oauth/refusal.ts';

const api = 'https://www.googleapis.com/auth';

/** May send mail, and nothing else ("sensitive", FACTS E). */
export const gmailSend = `${api}/gmail.send`;
export const emailScope = `${api}/userinfo.email`;
export const profileScope = `${api}/userinfo.profile`;

/** Scopes with which messages can be sent. */
const sending: readonly string[] = [
  gmailSend,
  `${api}/gmail.compose`,
  `${api}/gmail.modify`,
  'https://mail.google.com/',
];

/** Scope -> its line on the consent page. */
export const googleScopes: ReadonlyMap<string, string> = new Map([
  ['openid', 'Associate you with your personal info on Google'],
  [emailScope, 'See your primary Google Account email address'],
  [profileScope, "See your personal info, including any personal info you've made publicly available"],
  [gmailSend, 'Send email on your behalf'],
  [`${api}/gmail.compose`, 'Manage drafts and send emails'],
  [`${api}/gmail.readonly`, 'View your email messages and settings'],
  [`${api}/gmail.modify`, 'Read, compose, and send emails from your Gmail account'],
  ['https://mail.google.com/', 'Read, compose, send, and permanently delete all your email from Gmail'],
]);

const aliases: ReadonlyMap<string, string> = new Map([
  ['email', emailScope],
  ['profile', profileScope],
]);

/** Whether the person has a tick box for it; the basic ones come with the sign-in. */
export function isOptional(scope: string): boolean {
  return scope !== 'openid' && scope !== emailScope && scope !== profileScope;
}

/**
 * Reads `scope`: names separated by spaces; `email` and `profile` are answered by their long names.
 * @param onApp scopes that the app has; undefined is all
 * @throws Refusal `scope` for one that is missing or unknown, `scope_not_on_app`
 */
export function readScopes(requested: string | undefined, onApp: readonly string[] | undefined): readonly string[] {
  if (requested === undefined) throw new Refusal('parameter_missing', 'scope');
  const asked = new Set(requested.split(' ').map((word) => aliases.get(word) ?? word));
  for (const name of asked) {
    if (!googleScopes.has(name)) throw new Refusal('scope', 'scope');
    if (onApp?.includes(name) === false) throw new Refusal('scope_not_on_app', 'scope');
  }
  return [...asked];
}

/** Whether a token with these scopes may send mail. */
export function canSend(scopes: readonly string[]): boolean {
  return sending.some((name) => scopes.includes(name));
}
