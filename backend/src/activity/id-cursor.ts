import { Invalid } from '../http/problems.ts';

/** Where a list that is sorted by time goes on: the last row's time and opaque id, nothing of the CRM. */
export function idCursor({ at, id }: { readonly at: Date; readonly id: string }): string {
  return Buffer.from(`${at.getTime().toString(36)}.${id}`, 'latin1').toString('base64url');
}

/** Whose rows it leads through is decided by the query, not by the cursor. @throws Invalid */
export function readIdCursor(cursor: string): { readonly at: Date; readonly id: string } {
  const [, time, id] =
    /^([0-9a-z]{1,11})\.(act_[A-Za-z0-9_-]{22})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const at = new Date(Number.parseInt(time ?? '', 36));
  if (id === undefined || Number.isNaN(at.getTime()))
    throw new Invalid('cursor', 'cursor', 'This cursor does not belong to this list. Begin at its first page.');
  return { at, id };
}
