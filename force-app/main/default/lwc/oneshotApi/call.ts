import type { Answer } from './http';
import { Problem } from './problem';

/** Whom a call speaks for. Made by the session module alone, handed to nobody else. */
export interface Credentials {
  backendUrl: string;
  token: string;
  repId: string;
}

export const SHORT_MS = 30_000;

/** The body as an object that has these keys: a wrong answer is found here and not in a template. */
export function shaped<T>(answer: Answer, ...keys: string[]): T {
  const body = answer.body;
  if (
    typeof body !== 'object' ||
    body === null ||
    keys.some((key) => !((body as Record<string, unknown>)[key] instanceof Object))
  ) {
    throw new Problem({ code: 'bad_answer', status: answer.status });
  }
  return body as T;
}

/** A part of a list; with `nextCursor` the next part is asked for. */
export interface Rows<T> {
  rows: T[];
  nextCursor: string | null;
}

/** The body as a list of the contract. */
export function rows<T>(answer: Answer): Rows<T> {
  const body = shaped<{ rows: T[]; nextCursor?: unknown }>(answer, 'rows');
  return { rows: body.rows, nextCursor: typeof body.nextCursor === 'string' ? body.nextCursor : null };
}
