import type { BSONRegExp } from 'bson';
import { badValue, MongoError, unsupported } from '../errors.ts';
import { present } from '../present.ts';

const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const SPACE = ' \\t\\n\\v\\f\\r';

/**
 * Translates a PCRE pattern to a JavaScript one with the same matches. Only what means the same in both, or can be
 * written so that it does, is taken: literals, classes, groups, look-ahead, alternatives, quantifiers, ^ $ . \d \w \s \b.
 * @throws MongoError 2 for anything else, 51091 for a malformed pattern
 */
export function compileRegex(regex: BSONRegExp): (text: string) => boolean {
  const flags = new Set(regex.options);
  for (const flag of flags) if (!'imsu'.includes(flag)) throw badValue(`invalid flag in regex options: ${flag}`);
  const source = new Translator(regex.pattern, flags.has('m'), flags.has('s'), flags.has('i')).translate();
  let compiled: RegExp;
  try {
    compiled = new RegExp(source, flags.has('i') ? 'iu' : 'u');
  } catch {
    throw new MongoError(51091, 'Regular expression is invalid or not supported by the embedded server');
  }
  return (text) => compiled.test(text);
}

class Translator {
  #at = 0;
  #out = '';
  readonly #pattern: string;
  readonly #multiline: boolean;
  readonly #dotAll: boolean;
  readonly #ignoreCase: boolean;

  constructor(pattern: string, multiline: boolean, dotAll: boolean, ignoreCase: boolean) {
    this.#pattern = pattern;
    this.#multiline = multiline;
    this.#dotAll = dotAll;
    this.#ignoreCase = ignoreCase;
  }

  translate(): string {
    while (this.#at < this.#pattern.length) this.#token();
    return this.#out;
  }

  #token(): void {
    const rest = this.#pattern.slice(this.#at);
    const char = present(rest[0]);
    if (char === '\\') this.#escape(false);
    else if (char === '[') this.#class();
    else if (char === '(') this.#group(rest);
    else if (char === '^') this.#emit(1, this.#multiline ? '(?<![^\\n])' : '^');
    else if (char === '$') this.#emit(1, this.#multiline ? '(?![^\\n])' : '(?=\\n?$)');
    else if (char === '.') this.#emit(1, this.#dotAll ? '[^]' : '[^\\n]');
    else if ('*+?{'.includes(char)) this.#quantifier(rest);
    else if (char === ']' || char === '}') this.#emit(1, `\\${char}`);
    else this.#emit(1, char);
  }

  #group(rest: string): void {
    const head = /^\((?:\?(?::|=|!))?/.exec(rest)?.[0] ?? '(';
    if (head === '(' && /^\([?*]/.test(rest)) throw unsupported('This kind of regex group');
    this.#emit(head.length, head);
  }

  #quantifier(rest: string): void {
    const found = QUANTIFIER.exec(rest)?.[0];
    if (!found || '+*?{'.includes(rest[found.length] ?? ' ')) throw unsupported('This regex quantifier');
    this.#emit(found.length, found);
  }

  #class(): void {
    const open = this.#pattern.startsWith('[^', this.#at) ? '[^' : '[';
    this.#emit(open.length, open);
    if (this.#pattern[this.#at] === ']') throw unsupported('A regex class that begins with ]');
    while (this.#pattern[this.#at] !== ']') {
      const char = this.#pattern[this.#at];
      if (char === undefined) throw new MongoError(51091, 'Regular expression is invalid: missing terminating ]');
      if (char === '[' && /[:.=]/.test(this.#pattern[this.#at + 1] ?? '')) throw unsupported('A POSIX regex class');
      if (char === '\\') this.#escape(true);
      else this.#emit(1, char === '[' ? '\\[' : char);
    }
    this.#emit(1, ']');
  }

  #escape(inClass: boolean): void {
    const next = this.#pattern[this.#at + 1] ?? '';
    if (/[dDnrtf]/.test(next)) this.#emit(2, `\\${next}`);
    else if (next === 's') this.#emit(2, inClass ? SPACE : `[${SPACE}]`);
    else if (next === 'S' && !inClass) this.#emit(2, `[^${SPACE}]`);
    // With i, JavaScript also takes U+017F and U+212A for letters of \w, PCRE does not.
    else if (/[wW]/.test(next) && !this.#ignoreCase) this.#emit(2, `\\${next}`);
    else if (/[bB]/.test(next) && !inClass && !this.#ignoreCase) this.#emit(2, `\\${next}`);
    else if (next === '-') this.#emit(2, inClass ? '\\-' : '-');
    else if (/[\^$\\.*+?()[\]{}|/]/.test(next)) this.#emit(2, `\\${next}`);
    else if (/[ !"#%&',:;<=>@_`~]/.test(next)) this.#emit(2, next);
    else throw unsupported(`The regex escape \\${next}`);
  }

  #emit(consumed: number, text: string): void {
    this.#at += consumed;
    this.#out += text;
  }
}
