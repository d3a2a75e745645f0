import type { Answer } from './http';
import { Problem } from './problem';

/** A call that reads or writes one thing. */
export const SHORT_MS = 30_000;

type Shape = Record<string, unknown>;

/** The body as an object that has these keys: a wrong answer is found here and not in a template. */
export function shaped<T>(answer: Answer, ...keys: string[]): T {
  const body = answer.body;
  if (typeof body !== 'object' || body === null || keys.some((key) => !((body as Shape)[key] instanceof Object))) {
    throw new Problem({ code: 'bad_answer', status: answer.status });
  }
  return body as T;
}
