import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

/** Signs id_tokens with RS256 and publishes the public half. */
export interface SigningKey {
  /** The document of the JWKS endpoint. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A signed JWT; times in the claims are epoch seconds. */
  sign(claims: JWTPayload): Promise<string>;
}

/** Makes a fresh RSA key of 2,048 bits; it lives as long as the process. */
export async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = 'sandbox-1';
  return {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey),
  };
}
