import {
  pkcePair,
  readPage,
  SignInFailed,
  textOf,
  type Answer,
  type Page,
  type PkcePair,
  type RepClient,
} from './sign-in.ts';

export type ProviderName = 'gmail' | 'outlook' | 'outreach';

/** The stand-in of each provider in the sandbox's control calls. */
export const STAND_INS = { gmail: 'google', outlook: 'microsoft', outreach: 'outreach' } as const;

export interface ConnectOptions {
  readonly pair?: PkcePair;
  readonly decision?: 'allow' | 'deny';
  /** Scopes whose box the person unticks, by a part of their name. */
  readonly untick?: string;
  readonly idempotencyKey?: string;
}

/** Connects a provider the whole way a browser goes. @param username at the provider */
export async function connect(
  rep: RepClient,
  provider: ProviderName,
  username = rep.user.email,
  options: ConnectOptions = {},
): Promise<Answer> {
  const pair = options.pair ?? pkcePair();
  const page = await passConnectPopup(rep, provider, username, { ...options, pair });
  if (page.message.code === undefined) throw new SignInFailed('connect', page.status, page.message);
  return finish(rep, provider, textOf(page.message.code), pair.verifier, options.idempotencyKey);
}

/** From the panel's address to the page that posts its message. */
export async function passConnectPopup(
  rep: RepClient,
  provider: ProviderName,
  username: string,
  options: ConnectOptions & { readonly pair: PkcePair },
): Promise<Page> {
  const { location, cookie } = await go(await startUrl(rep, provider, options.pair));
  const callback = await consentAt(location, username, options);
  return visit(callback, cookie);
}

export async function startUrl(rep: RepClient, provider: ProviderName, pair: PkcePair): Promise<string> {
  const { challenge } = pair;
  const answer = await rep.post(`/v1/connections/${provider}/start`, { challenge, origin: rep.target.origin });
  if (answer.status !== 200) throw new SignInFailed('start', answer.status, answer.body);
  return textOf(answer.body.url);
}

/** Opens the popup. @throws SignInFailed when it is not sent to the provider */
export async function go(url: string): Promise<{ readonly location: string; readonly cookie: string }> {
  const answer = await fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (answer.status !== 302 || location === null) throw new SignInFailed('go', answer.status, await answer.text());
  return { location, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** Fills in the provider's consent form. Returns the address of our callback, not visited yet. */
export async function consentAt(authorizeUrl: string, username: string, options: ConnectOptions = {}): Promise<string> {
  const shown = await fetch(authorizeUrl, { redirect: 'manual' });
  if (shown.status === 302) return shown.headers.get('location') ?? '';
  const html = await shown.text();
  // The button's own address says that the boxes were seen.
  const action = /\sformaction="([^"]+)"/.exec(html)?.[1] ?? /<form[^>]*\saction="([^"]+)"/.exec(html)?.[1];
  if (action === undefined) throw new SignInFailed('authorize', shown.status, html);
  const form = new URLSearchParams({ username, decision: options.decision ?? 'allow' });
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
    form.append(plain(name ?? ''), plain(value ?? ''));
  for (const [, name, value] of html.matchAll(/<input type="checkbox" name="([^"]+)" value="([^"]*)" checked/g))
    if (options.untick === undefined || !plain(value ?? '').includes(options.untick))
      form.append(plain(name ?? ''), plain(value ?? ''));
  const decided = await fetch(new URL(plain(action), authorizeUrl), { method: 'POST', body: form, redirect: 'manual' });
  const location = decided.headers.get('location');
  if (location === null) throw new SignInFailed('consent', decided.status, await decided.text());
  return location;
}

export async function visit(callback: string, cookie: string): Promise<Page> {
  return readPage(await fetch(callback, { headers: cookie === '' ? {} : { cookie }, redirect: 'manual' }));
}

export function finish(
  rep: RepClient,
  provider: ProviderName,
  code: string,
  verifier: string,
  idempotencyKey?: string,
): Promise<Answer> {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  return rep.post(`/v1/connections/${provider}/finish`, { code, verifier }, headers);
}

const plain = (html: string): string =>
  html
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
