/** What the person who looks at the preview chose; kept in the address, so that a reload and a link keep it. */
export interface Settings {
  theme: 'system' | 'light' | 'dark';
  lang: 'en' | 'de';
  width: 'desktop' | 'phone';
}

export function currentSettings(): Settings {
  const query = new URLSearchParams(window.location.search);
  const theme = query.get('theme');
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    lang: document.documentElement.lang === 'de' ? 'de' : 'en',
    width: query.get('width') === 'phone' ? 'phone' : 'desktop',
  };
}

/** This page's address with one setting changed. */
export function withSetting(name: string, value: string): string {
  const url = new URL(window.location.href);
  url.searchParams.set(name, value);
  return url.href;
}

/** SLDS 2 switches by a class on the body. */
export function applyTheme(theme: Settings['theme']): void {
  document.body.className = `slds-scope slds-color-scheme_${theme}`;
}
