import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readSshSignature } from './sshsig.ts';
import { OperatorRefused } from './refused.ts';

/** One member of staff who may act. */
export interface Operator {
  /** `opr_...`, made of the key: what audit entries name. */
  readonly id: string;
  /** Tells people apart who have several keys. */
  readonly person: string;
  /** `ssh-ed25519 AAAA...` */
  readonly key: string;
  /** Last day on which their security training counts, UTC. */
  readonly trainedUntil: string;
}

/** What security signs for this file with: `ssh-keygen -Y sign -n oneshot-operators`. */
const NAMESPACE = 'oneshot-operators';
const DAY_MS = 86_400_000;
const KEY = /^(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+=*$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads who may act: a file of the deployment, not rows that one person could insert. It is worth what the signature
 * beside it (`<file>.sig`) says, by the key that the settings name.
 * @param signer the public key of whoever answers for the list
 * @throws OperatorRefused it is missing, not signed by that key, or not such a file
 */
export async function readOperators(file: string, signer: string): Promise<readonly Operator[]> {
  let bytes: Buffer;
  let armored: string;
  try {
    [bytes, armored] = await Promise.all([readFile(file), readFile(`${file}.sig`, 'utf8')]);
  } catch {
    throw new OperatorRefused('operators_file', 'The operators file or its signature (.sig) cannot be read.');
  }
  const signature = readSshSignature(armored);
  if (signature?.key !== keyOf(signer) || signature.namespace !== NAMESPACE || !signature.isOf(bytes))
    throw new OperatorRefused('operators_file', 'The operators file is not signed by OPERATORS_SIGNER.');
  return operatorsIn(bytes.toString('utf8'));
}

/** Whether an operator's training counts on this day; its last day still does. @param now epoch milliseconds */
export const isInDate = ({ trainedUntil }: Operator, now: number): boolean => Date.parse(trainedUntil) + DAY_MS > now;

/** A public key without its comment. */
export const keyOf = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(' ');

export const operatorId = (key: string): string =>
  `opr_${createHash('sha256').update(key).digest('base64url').slice(0, 22)}`;

function operatorsIn(text: string): readonly Operator[] {
  const wrong = new OperatorRefused(
    'operators_file',
    'The operators file is not a list of { person, key, trainedUntil }.',
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong;
  }
  const { operators } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as { operators?: unknown };
  if (!Array.isArray(operators) || operators.length === 0) throw wrong;
  return operators.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw wrong;
    const { person, key, trainedUntil } = entry as Readonly<Record<string, unknown>>;
    if (
      typeof person !== 'string' ||
      person.trim() === '' ||
      typeof key !== 'string' ||
      typeof trainedUntil !== 'string'
    )
      throw wrong;
    const bare = keyOf(key);
    if (!KEY.test(bare) || !DAY.test(trainedUntil) || Number.isNaN(Date.parse(trainedUntil))) throw wrong;
    return { id: operatorId(bare), person: person.trim(), key: bare, trainedUntil };
  });
}
