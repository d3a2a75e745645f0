import { BadAnswer, LineCut, NeverSent, type ProviderAnswer, type ProviderTransport } from '../providers/transport.ts';
import type { Secret } from '../vault/secret.ts';
import type { Delivery } from './delivery.ts';

export interface DeliveryCall {
  readonly url: string;
  readonly allowedPrefix: string;
  readonly token: Secret;
  /** JSON. */
  readonly body: string;
}

/**
 * Posts a mail and says what is known then. It does not end because a client went away: from here on only the provider
 * or a time-out decides.
 */
export async function deliver(
  transport: ProviderTransport,
  { url, allowedPrefix, token, body }: DeliveryCall,
  meaningOf: (answer: ProviderAnswer) => Delivery,
): Promise<Delivery> {
  const headers = { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' };
  try {
    return meaningOf(await transport.send({ method: 'POST', url, headers, body }, allowedPrefix));
  } catch (error) {
    if (error instanceof NeverSent) return { kind: 'failed' };
    if (error instanceof LineCut || error instanceof BadAnswer) return { kind: 'unknown' };
    throw error;
  }
}
