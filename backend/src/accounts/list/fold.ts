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

/** Code points from U+00C0 to U+017F: what most European names have beyond ASCII. */
const FIRST_LATIN = 0xc0;
const LAST_LATIN = 0x17f;

/** Each of them folded, as ASCII bytes; empty where folding gives something else. */
const LATIN: readonly Uint8Array[] = Array.from({ length: LAST_LATIN - FIRST_LATIN + 1 }, (_, index) => {
  const folded = fold(String.fromCharCode(FIRST_LATIN + index));
  return /^[\x20-\x7e]+$/.test(folded) ? Buffer.from(folded, 'latin1') : new Uint8Array(0);
});

/**
 * Folds UTF-8 without making a string of it, if it is ASCII and European letters; a text with anything else is left to
 * `fold`, for it may have marks that belong to the letter before. What is folded has no more bytes than the text.
 * @returns the index behind what was written, or -1
 */
export function foldBytes(text: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let to = at;
  for (let from = start; from < end; from += 1) {
    const byte = text[from]!;
    if (byte < 0x80) {
      if (byte < 0x20 || byte === 0x7f) return -1;
      target[to++] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
      continue;
    }
    if (byte < 0xc3 || byte > 0xc5) return -1;
    from += 1;
    const folded = LATIN[((byte & 0x1f) << 6) + (text[from]! & 0x3f) - FIRST_LATIN];
    if (folded === undefined || folded.length === 0) return -1;
    for (const plain of folded) target[to++] = plain;
  }
  return to;
}

/** The words of a search, folded; each of them must be found. Without duplicates and words that contain one another. */
export function searchWords(search: string): readonly string[] {
  const words = [...new Set(fold(search).split(/\s+/u))].filter((word) => word !== '');
  return words.filter((word) => !words.some((other) => other !== word && other.includes(word)));
}
