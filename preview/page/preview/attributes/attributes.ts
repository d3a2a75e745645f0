/** What an admin would set of a component in App Builder: in the preview the address says it, `?set.pageSize=10`. */
const PREFIX = 'set.';

/** @returns the properties of every component on the page, as texts; a component takes those that it has */
export function attributesOf(search: string): Record<string, string> {
  return Object.fromEntries(
    [...new URLSearchParams(search)]
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length), value]),
  );
}
