import { EnvelopeUnreadable, open, seal, type Place } from '../vault/envelope.ts';
import { Secret } from '../vault/secret.ts';
import { splitKey, type KeyHalves } from '../vault/split-key.ts';

/** What is kept of a grant. */
export interface TokenSet {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
}

/** Which connection, in which state of it: an older ciphertext of the same connection does not open in its place. */
export interface TokenPlace {
  readonly region: string;
  readonly orgId: string;
  readonly userId: string;
  readonly provider: string;
  readonly connectionId: string;
  readonly version: number;
}

/** What a connection's sealed fields hold. */
export interface Sealed {
  readonly tokens: string;
  readonly label: string;
}

/** Seals a token set and its label under both halves (DESIGN 6). */
export function sealTokens(
  halves: KeyHalves,
  place: TokenPlace,
  { accessToken, refreshToken }: TokenSet,
  label: string,
): Sealed {
  const key = splitKey(halves);
  try {
    const plaintext = JSON.stringify([accessToken.reveal(), refreshToken.reveal()]);
    return { tokens: seal(key, placeOf(place, 'tokens'), plaintext), label: seal(key, placeOf(place, 'label'), label) };
  } finally {
    (key.bytes as Buffer).fill(0);
  }
}

/** @throws EnvelopeUnreadable other halves, another place or an older state of it */
export function openTokens(halves: KeyHalves, place: TokenPlace, sealed: string): TokenSet {
  const [accessToken, refreshToken] = JSON.parse(openField(halves, place, 'tokens', sealed)) as [string, string];
  return { accessToken: Secret.of(accessToken), refreshToken: Secret.of(refreshToken) };
}

/** @returns undefined where it cannot be opened */
export function openLabel(halves: KeyHalves, place: TokenPlace, sealed: string): string | undefined {
  try {
    return openField(halves, place, 'label', sealed);
  } catch (error) {
    if (error instanceof EnvelopeUnreadable) return undefined;
    throw error;
  }
}

function openField(halves: KeyHalves, place: TokenPlace, field: 'tokens' | 'label', sealed: string): string {
  const key = splitKey(halves);
  try {
    const plaintext = open(key, placeOf(place, field), sealed);
    const text = plaintext.toString('utf8');
    plaintext.fill(0);
    return text;
  } finally {
    (key.bytes as Buffer).fill(0);
  }
}

function placeOf(place: TokenPlace, field: 'tokens' | 'label'): Place {
  const { region, orgId, userId, provider, connectionId, version } = place;
  return {
    region,
    org: orgId,
    user: userId,
    provider,
    collection: 'connections',
    field: `${field}:${version}`,
    record: connectionId,
  };
}
