/** The browser asks before the page is left, while something here would be lost. Its words are the browser's own. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
  // Browsers before 2024 look at this instead.
  event.returnValue = true;
}

const reasons = new Set<string>();

/** Says whether `what` would be lost. The listener is there only while it is needed: it costs the back-forward cache. */
export function askBeforeLeaving(what: string, isAtStake: boolean): void {
  if (isAtStake) reasons.add(what);
  else reasons.delete(what);
  if (reasons.size > 0) window.addEventListener('beforeunload', ask);
  else window.removeEventListener('beforeunload', ask);
}
