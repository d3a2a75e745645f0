/** Firefox and Safari read the object after the click; a minute is more than they need. */
const KEPT_MS = 60_000;

/**
 * Hands a JSON document to the browser's downloads.
 * @param name of the file
 */
export function downloadJson(name: string, document_: object): void {
  // Lightning Web Security refuses a Blob without a type.
  const blob = new Blob([`${JSON.stringify(document_, null, 2)}\n`], { type: 'application/json' });
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
