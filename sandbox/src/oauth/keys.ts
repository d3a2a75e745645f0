import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

/** Signs id_tokens with RS256 and publishes the public half. */
export interface SigningKey {
  /** The document of the JWKS endpoint. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** The same by key id, as PEM. */
  readonly pem: Readonly<Record<string, string>>;
  /** A signed JWT; times in the claims are epoch seconds. */
  sign(claims: JWTPayload): Promise<string>;
}

/** Makes a fresh RSA key of 2,048 bits; it lives as long as the process. @param kid names it in the JWTs' headers */
export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  return {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
    pem: { [kid]: await exportSPKI(publicKey) },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey),
  };
}
