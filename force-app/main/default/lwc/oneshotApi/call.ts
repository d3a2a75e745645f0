import type { Answer } from './http';
import { shaped } from './shape';

/** Whom a call speaks for. Made by the session module alone, handed to nobody else. */
export interface Credentials {
  backendUrl: string;
  token: string;
  repId: string;
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
