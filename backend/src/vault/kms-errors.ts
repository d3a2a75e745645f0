/** KMS's names for "another key wrapped this, or for another context" (AWS KMS API, Decrypt, "Errors"). */
const MISMATCHES = new Set(['IncorrectKeyException', 'InvalidCiphertextException']);

/** Errors that no waiting mends, and what to do about each. */
const REFUSALS: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AWS KMS refuses this process the use of the key: look at the key policy and the task role',
  DisabledException: 'the key is disabled',
  InvalidKeyUsageException: 'the key is not one that encrypts: it must be SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT',
  KMSInvalidStateException: 'the key is pending deletion, or its import has expired',
  NotFoundException: 'there is no such key in this AWS region and account',
  UnrecognizedClientException: 'AWS does not know the credentials of this process',
  InvalidClientTokenId: 'AWS does not know the credentials of this process',
  InvalidSignatureException: 'AWS does not accept the credentials of this process, or its clock is wrong',
  ExpiredTokenException: 'the credentials of this process have expired',
  CredentialsProviderError: 'this process has no AWS credentials',
  ValidationException: 'AWS KMS does not take this for a key',
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Whether KMS answered that it did not wrap this, or not for this context. */
export const isMismatch = (error: unknown): boolean => MISMATCHES.has(nameOf(error));

/** Why a start cannot go on; undefined for what may pass: no answer, too many requests, an error on their side. */
export const refusalOf = (error: unknown): string | undefined =>
  Object.hasOwn(REFUSALS, nameOf(error)) ? REFUSALS[nameOf(error)] : undefined;
