import type { Rep } from '../auth/rep.ts';
import { mergeFieldsOf, replaceMergeFields, type MergeField } from './merge-fields.ts';
import { readMergeValues, type ValueOf } from './merge-values.ts';
import { escapeHtml, htmlOfText, plainText, sanitizeMail } from './sanitize.ts';
import { readTemplate, type Template } from './templates.ts';

/** A template with the values of one contact, ready to be edited or sent. */
export interface RenderedTemplate {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Merge fields that had no value, as the template names them, each once. */
  readonly missing: readonly string[];
}

/**
 * Reads a template and the values that it asks for, live, and puts them together; nothing is kept.
 * @throws CrmNotFound the template or the contact is not there, or the rep may not see it; the Crm errors
 */
export async function renderTemplate(
  rep: Pick<Rep, 'crm' | 'salesforceUserId' | 'salesforceOrgId'>,
  templateId: string,
  contactId: string,
  signal: AbortSignal,
): Promise<RenderedTemplate> {
  const template = await readTemplate(rep.crm, templateId, signal);
  const all = [template.subject, template.html ?? '', template.text].flatMap(mergeFieldsOf);
  return fill(template, await readMergeValues(rep, contactId, all, signal));
}

/** Values are escaped in HTML and plain in text; in the subject they are one line. */
export function fill(template: Template, valueOf: ValueOf): RenderedTemplate {
  const missing = new Set<string>();
  const take = (field: MergeField): string => {
    const value = valueOf(field);
    if (value !== undefined) return value;
    if (field.fallback === undefined) missing.add(field.written);
    return field.fallback ?? '';
  };
  const subject = replaceMergeFields(template.subject, take)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  const filledHtml =
    template.html === undefined
      ? undefined
      : sanitizeMail(replaceMergeFields(template.html, (field) => escapeHtml(take(field)).replaceAll('\n', '<br />')));
  // The text of an HTML template is another telling of it: what only it lacks is no news for whoever sends HTML.
  const text = replaceMergeFields(template.text, take);
  const html = filledHtml ?? htmlOfText(text);
  return { subject, html, text: text.trim() === '' ? plainText(html) : text, missing: [...missing] };
}
