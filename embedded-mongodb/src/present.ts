/**
 * A value that is known to be there, such as an array element whose index was just found.
 * @throws Error when the knowledge is wrong, which is a mistake in this server
 */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a value that must be there is missing');
  return value;
}
