/** Languages that the backend words something in. */
export type Language = 'en' | 'de';

/** The language of an `Accept-Language` header that we have; English otherwise. */
export function languageOf(header: string | undefined): Language {
  return /^\s*de\b/i.test(header ?? '') ? 'de' : 'en';
}
