/**
 * Puts text on the clipboard. Call it inside a click.
 * @returns false where the browser refuses: then the text has to be shown, to be copied by hand
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
