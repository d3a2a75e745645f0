import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '..', 'main', 'default');
const unescape = (text: string): string => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

/** The package's labels in a language: the real texts, so that a test reads what a rep reads. */
function labels(language: 'en_US' | 'de'): [string, string][] {
  const [file, pattern] =
    language === 'en_US'
      ? [
          'labels/CustomLabels.labels-meta.xml',
          /<fullName>(?<name>\w+)<\/fullName>[\s\S]*?<value>(?<text>[^<]*)<\/value>/g,
        ]
      : ['translations/de.translation-meta.xml', /<label>(?<text>[^<]*)<\/label>\s*<name>(?<name>\w+)<\/name>/g];
  const xml = readFileSync(join(folder, file), 'utf8');
  return [...xml.matchAll(pattern)].map(({ groups }) => [groups?.name ?? '', unescape(groups?.text ?? '')]);
}

/** Sets the language for modules that are loaded from now on. */
export function useLanguage(language: 'en_US' | 'de'): void {
  for (const [name, text] of labels(language)) {
    jest.doMock(`@salesforce/label/c.${name}`, () => ({ __esModule: true, default: text }), { virtual: true });
  }
  const [lang, locale] = language === 'de' ? ['de', 'de-DE'] : ['en', 'en-US'];
  jest.doMock('@salesforce/i18n/lang', () => ({ __esModule: true, default: lang }), { virtual: true });
  jest.doMock('@salesforce/i18n/locale', () => ({ __esModule: true, default: locale }), { virtual: true });
  jest.doMock('@salesforce/i18n/timeZone', () => ({ __esModule: true, default: 'Europe/Berlin' }), { virtual: true });
}
