/** Letters that NFKD does not take apart, as people type them without the key for it. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ı: 'i',
  æ: 'ae',
  œ: 'oe',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  ŋ: 'n',
  þ: 'th',
  ŧ: 't',
  ς: 'σ',
};

/**
 * A text as search compares it: without accents, case and compatibility forms (NFKD, lower case, no marks), so that
 * "munchen" finds "München" and "strasse" finds "Straße". Control characters become spaces.
 */
export function fold(text: string): string {
  // Plain ASCII, most of all names, needs no normalisation.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/[ßøıæœđðħłŋþŧς]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/\p{Cc}/gu, ' ');
}

/** The words of a search, folded; each of them must be found. Without duplicates and words that contain one another. */
export function searchWords(search: string): readonly string[] {
  const words = [...new Set(fold(search).split(/\s+/u))].filter((word) => word !== '');
  return words.filter((word) => !words.some((other) => other !== word && other.includes(word)));
}
