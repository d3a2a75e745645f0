/**
 * The keys of a composer: Ctrl+Enter sends, Esc leaves and never discards. What a picker inside has used itself is left
 * alone.
 */
export function onMailKey(event: KeyboardEvent, deeds: { send: () => unknown; leave: () => unknown }): void {
  const isSend = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
  const isLeave = event.key === 'Escape' && !event.defaultPrevented;
  if (!isSend && !isLeave) return;
  event.preventDefault();
  if (isSend) return void deeds.send();
  event.stopPropagation();
  deeds.leave();
}
