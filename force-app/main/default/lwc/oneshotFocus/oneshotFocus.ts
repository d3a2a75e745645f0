/** True where nothing has the focus any more: what had it left the screen, or was disabled. */
export function isFocusLost(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body;
}

/**
 * Gives the focus to a place that takes it (`tabindex="-1"`), where it was lost: Tab goes on from there, and Esc still
 * closes the dialog around. A focus that somebody put elsewhere meanwhile is left alone.
 */
export function catchFocus(place: HTMLElement | null | undefined): void {
  if (isFocusLost()) place?.focus({ preventScroll: true });
}
