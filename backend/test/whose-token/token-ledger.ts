import type { ProviderName } from '../connect.ts';
import { STAND_INS } from '../connect.ts';
import type { Exchange } from '../provider-line.ts';

/** Whose a token is. */
interface Owner {
  readonly username: string;
  readonly provider: ProviderName;
}

/** To whom each of these addresses belongs: what a rep's calls carry to a provider, and nobody else's. */
export type Marks = ReadonlyMap<string, string>;

const PROVIDERS = Object.keys(STAND_INS) as readonly ProviderName[];

/**
 * Whose token every call to a provider carried, told on the line itself, beside what the provider says: a token is the
 * rep's whose consent gave it, and stays theirs over every refresh. Expired tokens count, too: a provider refuses those
 * without a word about whose they were.
 */
export class TokenLedger {
  readonly #marks: Marks;
  readonly #codes = new Map<string, Owner>();
  readonly #tokens = new Map<string, Owner>();
  /** Calls that carried another's token, another provider's, or one that nobody was ever given. */
  readonly wrong: string[] = [];
  /** Calls that carried a token, and those of them whose content told for whom they were. */
  uses = 0;
  marked = 0;
  /** Refreshes that gave tokens, by provider. */
  readonly refreshes: Record<ProviderName, number> = { gmail: 0, outlook: 0, outreach: 0 };

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  /** A consent that this rep just gave. */
  expect(code: string, owner: Owner): void {
    this.#codes.set(code, owner);
  }

  see(exchange: Exchange): void {
    const provider = PROVIDERS.find((name) => exchange.path.startsWith(`/${STAND_INS[name]}/`));
    if (provider === undefined) return;
    if (exchange.path.endsWith('/token')) this.#given(provider, exchange);
    else if (exchange.authorization !== undefined) this.#used(provider, exchange);
  }

  #given(provider: ProviderName, { path, sent, status, answered }: Exchange): void {
    const form = new URLSearchParams(sent.toString('utf8'));
    const old = form.get('refresh_token');
    const owner = old === null ? this.#codes.get(form.get('code') ?? '') : this.#tokens.get(old);
    if (owner?.provider !== provider) {
      this.wrong.push(`${path}: ${owner === undefined ? 'nobody' : `${owner.username}'s ${owner.provider}`}`);
      return;
    }
    if (status !== 200) return;
    const { access_token, refresh_token } = JSON.parse(answered.toString('utf8')) as Readonly<Record<string, string>>;
    for (const token of [access_token, refresh_token]) if (token !== undefined) this.#tokens.set(token, owner);
    if (old !== null) this.refreshes[provider] += 1;
  }

  #used(provider: ProviderName, { path, authorization, sent }: Exchange): void {
    const owner = this.#tokens.get(authorization?.replace(/^Bearer /, '') ?? '');
    const meant = this.#meant(path, sent);
    this.uses += 1;
    if (meant !== undefined) this.marked += 1;
    if (owner?.provider === provider && (meant ?? owner.username) === owner.username) return;
    const found = owner === undefined ? 'a token of nobody' : `${owner.username}'s ${owner.provider} token`;
    this.wrong.push(`${path.split('?')[0] ?? ''} for ${meant ?? 'somebody'}: ${found}`);
  }

  /** For whom a call is: the rep whose own contact it writes to, or looks for. */
  #meant(path: string, sent: Buffer): string | undefined {
    const text = `${decodeURIComponent(path)} ${contentOf(sent)}`;
    for (const [address, username] of this.#marks) if (text.includes(address)) return username;
    return undefined;
  }
}

/** What was sent, with Gmail's message in clear. */
function contentOf(sent: Buffer): string {
  const text = sent.toString('utf8');
  const raw = /"raw":"([A-Za-z0-9_-]+)/.exec(text)?.[1];
  return raw === undefined ? text : Buffer.from(raw, 'base64url').toString('utf8');
}
