/** Whether a write failed because a unique index holds that value already: MongoDB's code 11000. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 11_000;
}
