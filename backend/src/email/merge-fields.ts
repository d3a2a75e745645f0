import { isFieldName } from '../salesforce/soql.ts';

/** The records that a template may take values from. */
export const MERGE_SOURCES = ['contact', 'account', 'user', 'organization'] as const;
export type MergeSource = (typeof MERGE_SOURCES)[number];

/** One merge field of a template. */
export interface MergeField {
  /** As the template names it, e.g. `Contact.FirstName`; for `missing`. */
  readonly written: string;
  /** Undefined: outside the subset that is rendered (docs/email-templates.md). */
  readonly from: { readonly source: MergeSource; readonly field: string } | undefined;
  /** What stands there where the field is empty. */
  readonly fallback: string | undefined;
}

/** `{!...}` of classic templates, `{{{...}}}` and `{{...}}` of Lightning ones. */
const MERGE = /\{!([^{}]{1,400})\}|\{\{\{([^{}]{1,400})\}\}\}|\{\{([^{}]{1,400})\}\}/g;
const WITH_FALLBACK = /^(?:NULLVALUE|BLANKVALUE)\s*\(\s*([\w.$]+)\s*,\s*(?:"([^"]*)"|'([^']*)')\s*\)$/i;
const PATH = /^\$?[A-Za-z]\w*(?:\.[A-Za-z]\w*){1,2}$/;

const ROOTS: Readonly<Record<string, MergeSource>> = {
  contact: 'contact',
  recipient: 'contact',
  account: 'account',
  user: 'user',
  sender: 'user',
  organization: 'organization',
};

/** What each merge field of a text is replaced by. @param valueOf gives the text that stands for it */
export function replaceMergeFields(template: string, valueOf: (field: MergeField) => string): string {
  return template.replace(MERGE, (_whole, classic?: string, triple?: string, double?: string) =>
    valueOf(parse(classic ?? triple ?? double ?? '')),
  );
}

/** The merge fields of a text, in the order in which they stand there. */
export function mergeFieldsOf(template: string): readonly MergeField[] {
  return [...template.matchAll(MERGE)].map(([, classic, triple, double]) => parse(classic ?? triple ?? double ?? ''));
}

function parse(expression: string): MergeField {
  // In HTML the quotes around a fallback may be written as entities, and a space as `&nbsp;`.
  const text = expression.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&nbsp;', ' ').trim();
  const [, path = text, double, single] = WITH_FALLBACK.exec(text) ?? [];
  const fallback = double ?? single;
  const written = PATH.test(path) ? path.replace(/^\$/, '') : text.replace(/\s+/g, ' ').slice(0, 80);
  return { written, from: sourceOf(path), fallback };
}

/** `Contact.FirstName`, `Contact.Account.Name`, and `Contact.Account`, which stands for the account's name. */
function sourceOf(path: string): MergeField['from'] {
  if (!PATH.test(path)) return undefined;
  const [root = '', ...rest] = path.replace(/^\$/, '').split('.');
  const source = ROOTS[root.toLowerCase()];
  if (source === undefined) return undefined;
  const steps = source === 'contact' && rest[0]?.toLowerCase() === 'account' ? rest.slice(1) : rest;
  const isOfAccount = steps.length < rest.length;
  const [field = isOfAccount ? 'Name' : '', ...others] = steps;
  if (others.length > 0 || !isFieldName(field)) return undefined;
  return { source: isOfAccount ? 'account' : source, field };
}
