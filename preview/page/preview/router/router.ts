/** Addresses of the Lightning-like page, in Lightning's own form, so that links, tabs and reloads work as there. */

/** As documented for `lightning/navigation`. */
export interface PageReference {
  type: string;
  attributes: Record<string, string | undefined>;
  state: Record<string, string | undefined>;
}

/** Parameters that belong to the preview and stay on every address. */
const KEPT = ['lang', 'theme', 'width'];

type Listener = (page: PageReference) => void;
const listeners = new Set<Listener>();

/** The page that an address shows; unknown addresses show the app page. */
export function pageFor(url: URL): PageReference {
  const state = Object.fromEntries([...url.searchParams].filter(([key]) => !KEPT.includes(key)));
  const record = /^\/lightning\/r\/(\w+)\/(\w+)\/(\w+)$/.exec(url.pathname);
  if (record) {
    const [, objectApiName, recordId, actionName] = record;
    return { type: 'standard__recordPage', attributes: { objectApiName, recordId, actionName }, state };
  }
  const object = /^\/lightning\/o\/(\w+)\/(\w+)$/.exec(url.pathname);
  if (object) {
    return { type: 'standard__objectPage', attributes: { objectApiName: object[1], actionName: object[2] }, state };
  }
  const item = /^\/lightning\/n\/(\w+)$/.exec(url.pathname);
  return { type: 'standard__navItemPage', attributes: { apiName: item?.[1] ?? 'OneShot' }, state };
}

/**
 * The address of a page. State without a namespace prefix is dropped, as Lightning drops it.
 * @throws TypeError for a page type that the preview does not know
 */
export function urlOf({ type, attributes, state }: Partial<PageReference>): string {
  const url = new URL(window.location.origin);
  url.pathname = pathOf(type, attributes ?? {});
  if (type === 'standard__webPage') return attributes?.url ?? '';
  for (const [key, value] of Object.entries(state ?? {})) {
    if (value !== undefined && key.includes('__')) url.searchParams.set(key, value);
  }
  const here = new URLSearchParams(window.location.search);
  for (const key of KEPT) {
    const value = here.get(key);
    if (value !== null) url.searchParams.set(key, value);
  }
  return url.pathname + url.search;
}

function pathOf(type: string | undefined, attributes: PageReference['attributes']): string {
  const { objectApiName = 'Account', recordId = '', actionName = 'view', apiName = '', url = '' } = attributes;
  switch (type) {
    case 'standard__recordPage':
      return `/lightning/r/${objectApiName}/${recordId}/${actionName}`;
    case 'standard__objectPage':
      return `/lightning/o/${objectApiName}/${actionName}`;
    case 'standard__navItemPage':
      return `/lightning/n/${apiName}`;
    case 'standard__webPage':
      return url;
    case undefined:
    default:
      throw new TypeError(`The preview does not know pages of type ${String(type)}`);
  }
}

/** The page that is shown now. */
export function currentPage(): PageReference {
  return pageFor(new URL(window.location.href));
}

/** Goes to a page without loading anew, so that a session in memory lives on, as in Lightning. */
export function navigate(page: Partial<PageReference>, replace = false): void {
  const url = urlOf(page);
  if (new URL(url, window.location.href).origin !== window.location.origin) {
    window.open(url, '_blank', 'noopener');
    return;
  }
  window.history[replace ? 'replaceState' : 'pushState'](null, '', url);
  announce();
}

/** Calls back now and whenever another page is shown. Returns how to stop it. */
export function onPage(listener: Listener): () => void {
  listeners.add(listener);
  listener(currentPage());
  return () => listeners.delete(listener);
}

function announce(): void {
  const page = currentPage();
  for (const listener of listeners) listener(page);
}

window.addEventListener('popstate', announce);

// A plain click on a link to one of our pages stays in the page; with a modifier key the browser opens a tab.
window.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  if (link?.origin !== window.location.origin || !link.pathname.startsWith('/lightning/')) return;
  if (link.target !== '' && link.target !== '_self') return;
  event.preventDefault();
  window.history.pushState(null, '', link.href);
  announce();
});
