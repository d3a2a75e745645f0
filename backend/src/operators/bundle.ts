import { OperatorRefused } from './refused.ts';

/** A request exactly as both people signed it, and what they signed it with. */
export interface SignedRequest {
  readonly request: Buffer;
  /** As `ssh-keygen -Y sign` wrote them. */
  readonly signatures: { readonly request: string; readonly approval: string };
}

/**
 * Longest bundle, in characters. ECS takes 8,192 for all that a task is told at its start (RunTask, "overrides"), and the
 * rest of that is ours.
 */
export const MAX_BUNDLE = 7_000;
const VERSION = 1;
/** One byte of version, four of length. */
const HEADER_BYTES = 5;

/**
 * Packs a request and its two signatures into one word, for a region whose containers can be given no files: base64url of
 * the version, the length of what follows, and that as JSON. Nothing in it is secret, and it opens no door by itself: it
 * passes the very same checks as files do.
 * @throws OperatorRefused it would be too long
 */
export function bundleOf({ request, signatures }: SignedRequest): string {
  const { request: requested, approval: approved } = signatures;
  const payload = Buffer.from(JSON.stringify({ request: request.toString('utf8'), requested, approved }));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION);
  header.writeUInt32BE(payload.length, 1);
  const bundle = Buffer.concat([header, payload]).toString('base64url');
  if (bundle.length > MAX_BUNDLE) throw tooLong();
  return bundle;
}

/** @throws OperatorRefused it is no bundle, and in which way */
export function openBundle(text: string): SignedRequest {
  if (text.length > MAX_BUNDLE) throw tooLong();
  if (!/^[A-Za-z0-9_-]+$/.test(text))
    throw new OperatorRefused('bundle_encoding', 'A bundle is base64url: letters, digits, - and _, in one word.');
  const bytes = Buffer.from(text, 'base64url');
  if (bytes[0] !== VERSION)
    throw new OperatorRefused('bundle_version', `The bundle is of another version than ${VERSION}: make it anew.`);
  const wanted = bytes.length < HEADER_BYTES ? Infinity : HEADER_BYTES + bytes.readUInt32BE(1);
  if (bytes.length < wanted) throw new OperatorRefused('bundle_truncated', 'The end of the bundle is missing.');
  if (bytes.length > wanted || bytes.toString('base64url') !== text)
    throw new OperatorRefused('bundle_encoding', 'There is more in this word than the bundle.');
  return contentOf(bytes.subarray(HEADER_BYTES).toString('utf8'));
}

function contentOf(text: string): SignedRequest {
  const wrong = new OperatorRefused('bundle', 'The bundle does not hold a request and two signatures.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof parsed !== 'object' || parsed === null) throw wrong;
  const { request, requested, approved, ...rest } = parsed as Readonly<Record<string, unknown>>;
  const isWhole = [request, requested, approved].every((part) => typeof part === 'string');
  if (!isWhole || Object.keys(rest).length > 0) throw wrong;
  return {
    request: Buffer.from(request as string),
    signatures: { request: requested as string, approval: approved as string },
  };
}

function tooLong(): OperatorRefused {
  return new OperatorRefused(
    'bundle_too_long',
    `A bundle has at most ${MAX_BUNDLE} characters. Give a shorter reason, and sign anew.`,
  );
}
