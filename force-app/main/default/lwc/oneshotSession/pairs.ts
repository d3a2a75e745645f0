/** RFC 7636: what proves that the tab that redeems a code is the one that asked for it. */
export interface Pair {
  verifier: string;
  challenge: string;
}

/**
 * Digests are asynchronous and a popup opens only inside the click, so pairs are made ahead: one for the click, one
 * for the click after a popup that went astray.
 */
const AHEAD = 2;
const ready: Pair[] = [];
let making = 0;

/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** 256 random bits as 43 characters. */
export function randomToken(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** A pair, a moment later. @throws Error the browser has no WebCrypto */
export async function makePair(): Promise<Pair> {
  const verifier = randomToken();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** Fills the store. Where the browser has no WebCrypto (a page without https) it stays empty and takePair() says so. */
export async function preparePairs(): Promise<void> {
  while (ready.length + making < AHEAD) {
    making += 1;
    try {
      ready.push(await makePair());
    } catch {
      return;
    } finally {
      making -= 1;
    }
  }
}

/** A pair, at once, used for one popup only. Undefined in the first milliseconds of the page, or without WebCrypto. */
export function takePair(): Pair | undefined {
  const pair = ready.shift();
  void preparePairs();
  return pair;
}
