/** A path with and without a slash at its end: Salesforce takes both, and simple-salesforce sends the slash. */
export const withSlash = (path: string): readonly [string, string] => [path, `${path}/`];
