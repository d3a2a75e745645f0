import type { Language } from '../http/language.ts';
import { english } from './texts.en.ts';
import { german } from './texts.de.ts';
import { CHECKS, type CheckId, type CheckState, type Finding } from './findings.ts';

/** Sentences of the checklist in one language. `{0}`, `{1}` are what was found. */
export interface Texts {
  readonly titles: Readonly<Record<CheckId, string>>;
  readonly sentences: Readonly<Record<string, string>>;
  /** For numbers. */
  readonly locale: string;
}

/** A row of the checklist as a person reads it (API.md). */
export interface CheckRow {
  readonly id: CheckId;
  readonly title: string;
  readonly state: CheckState;
  readonly seen: string;
  readonly steps: readonly string[];
  readonly url: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = { en: english, de: german };

/**
 * @param origin the Lightning origin that the admin works at; addresses lead there
 */
export function wordFindings(findings: readonly Finding[], language: Language, origin: string): CheckRow[] {
  const texts = TEXTS[language];
  const say = ([name, ...values]: Finding['seen']): string => {
    const sentence = texts.sentences[name];
    if (sentence === undefined) throw new TypeError(`No sentence ${name}`);
    return sentence.replace(/\{(\d)\}/g, (_place, index: string) => {
      const value = values[Number(index)] ?? '';
      return typeof value === 'number' ? value.toLocaleString(texts.locale) : value;
    });
  };
  const place = (id: CheckId): number => CHECKS.indexOf(id);
  return [...findings]
    .sort((a, b) => place(a.id) - place(b.id))
    .map(({ id, state, seen, steps = [], path }) => ({
      id,
      title: texts.titles[id],
      state,
      seen: say(seen),
      steps: steps.map(say),
      url: `${origin}${path}`,
    }));
}
