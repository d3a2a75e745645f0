import type { ProviderName } from '../connect.ts';
import type { Answer, Json } from '../sign-in.ts';

/** A refresh that was not answered in time is not tried again for some seconds. */
const SLOW_MATTERS_MS = 30_000;

/** What was done to a rep, and when (`performance.now()`): what an answer says must be what happened. */
export class Truth {
  readonly #deletions: { readonly username: string; readonly at: number }[] = [];
  readonly #expiries: { readonly username: string; readonly provider: ProviderName; readonly at: number }[] = [];
  /** When each connection was made, and when the session signed in that made it: its half of the key was in Salesforce then. */
  readonly #made = new Map<string, { readonly at: number; readonly since: number }[]>();
  #slowAt = -Infinity;
  /** Answers that say what did not happen. */
  readonly untrue: string[] = [];
  /** Answers by what they said. */
  readonly said: Record<string, number> = {};

  deleted(username: string): void {
    this.#deletions.push({ username, at: performance.now() });
  }

  expired(username: string, provider: ProviderName): void {
    this.#expiries.push({ username, provider, at: performance.now() });
  }

  /** This machine, which is the line to the providers, stood still for so long that their answers came too late. */
  slow(): void {
    this.#slowAt = performance.now();
  }

  connected(username: string, provider: ProviderName, signedInAt: number): void {
    const name = `${username} ${provider}`;
    this.#made.set(name, [...(this.#made.get(name) ?? []), { at: performance.now(), since: signedInAt }]);
  }

  get deletions(): number {
    return this.#deletions.length;
  }

  get expiries(): number {
    return this.#expiries.length;
  }

  /** @param askedAt when the call was made */
  judge(username: string, provider: ProviderName, { status, body }: Answer, askedAt: number): void {
    const word = status < 300 ? 'ok' : this.#word(body.error);
    this.said[word] = (this.said[word] ?? 0) + 1;
    if (!this.#holds(word, username, provider, askedAt))
      this.untrue.push(`${username} ${provider}: ${status} ${JSON.stringify(body)}`);
  }

  #word(error: Json | undefined): string {
    const { code, reasons } = (error ?? {}) as { readonly code?: unknown; readonly reasons?: readonly unknown[] };
    return [code, ...(reasons ?? [])].map(String).join(' ');
  }

  #holds(word: string, username: string, provider: ProviderName, askedAt: number): boolean {
    switch (word) {
      case 'ok':
        return true;
      case 'reconnect_required key_removed':
        return this.#wasRemoved(username, provider, askedAt);
      // Whose mailbox number one is not.
      case 'mailbox_missing':
        return provider === 'outreach';
      // A token that was made a moment ago was refused, too: while connecting, or once more by the same call.
      case 'provider_invalid':
        return this.#expiredSince(username, provider, askedAt) >= 1;
      case 'provider_unavailable':
        return this.#expiredSince(username, provider, askedAt) >= 1 || this.#wasSlow;
      // A rotating provider answered, and too late.
      case 'reconnect_required refresh_interrupted':
        return provider === 'outreach' && this.#wasSlow;
      default:
        return false;
    }
  }

  get #wasSlow(): boolean {
    return performance.now() - this.#slowAt < SLOW_MATTERS_MS;
  }

  #expiredSince(username: string, provider: ProviderName, at: number): number {
    return this.#expiries.filter((one) => one.username === username && one.provider === provider && one.at >= at)
      .length;
  }

  /** Whether a record was deleted that a connection was made with which stood when the call was made, or since. */
  #wasRemoved(username: string, provider: ProviderName, askedAt: number): boolean {
    const made = this.#made.get(`${username} ${provider}`) ?? [];
    const standing = made.filter((_, index) => (made[index + 1]?.at ?? Infinity) >= askedAt);
    return standing.some(({ since }) => this.#deletions.some((one) => one.username === username && one.at >= since));
  }
}
