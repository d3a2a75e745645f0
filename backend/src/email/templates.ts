import type { Rep } from '../auth/rep.ts';
import type { Cursors } from '../http/cursors.ts';
import type { CrmConnection, CrmRecord, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmNotFound, CrmObjectHidden } from '../salesforce/errors.ts';
import { contains, fields, ids, number, soql, text, type Soql } from '../salesforce/soql.ts';

/** A template of the org, for a list. */
export interface TemplateEntry {
  readonly id: string;
  readonly name: string | null;
  readonly folder: string | null;
}

/** A template's own text, merge fields and all. */
export interface Template {
  readonly subject: string;
  /** Undefined for a template of plain text. */
  readonly html: string | undefined;
  /** Empty where an HTML template has none. */
  readonly text: string;
}

const PAGE = 200;

export interface TemplateQuery {
  /** Part of a template's name. */
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
}

/**
 * The templates that the rep may use, by name. Visualforce templates are left out: they are code that only Salesforce runs.
 * @throws Invalid the cursor is not of this list; the Crm errors of CrmConnection
 */
export async function listTemplates(
  rep: Pick<Rep, 'orgId' | 'userId' | 'crm'>,
  { search, cursor }: TemplateQuery,
  cursors: Cursors,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly TemplateEntry[]; readonly nextCursor: string | null }> {
  const { crm, orgId, userId } = rep;
  const list = { orgId, userId, list: `email-templates ${search ?? ''}` };
  const after = cursor === undefined ? undefined : await cursors.open(list, cursor);
  const describe = await crm.describe('EmailTemplate', signal);
  const records = await crm.queryAll(listQuery(folderColumn(describe), search, after), signal);
  const shown = records.slice(0, PAGE);
  const last = shown.at(-1);
  const isMore = records.length > PAGE && typeof last?.Name === 'string' && typeof last.Id === 'string';
  return {
    rows: shown.map(entryOf),
    nextCursor: isMore ? await cursors.seal(list, [last.Name as string, last.Id as string]) : null,
  };
}

/**
 * One template, live.
 * @throws CrmNotFound it is not there, not active, of a kind that cannot be rendered, or the rep may not see it
 */
export async function readTemplate(crm: CrmConnection, id: string, signal: AbortSignal): Promise<Template> {
  const columns = fields(['Id', 'Subject', 'HtmlValue', 'Body', 'TemplateType']);
  let records: readonly CrmRecord[];
  try {
    records = await crm.queryAll(
      soql`SELECT ${columns} FROM EmailTemplate WHERE Id IN ${ids([id])} AND IsActive = TRUE AND TemplateType IN ('text', 'html', 'custom')`,
      signal,
    );
  } catch (error) {
    throw error instanceof CrmObjectHidden ? new CrmNotFound() : error;
  }
  const [record] = records;
  if (record === undefined) throw new CrmNotFound();
  const html = record.TemplateType === 'text' ? '' : textOf(record.HtmlValue);
  return { subject: textOf(record.Subject), html: html === '' ? undefined : html, text: textOf(record.Body) };
}

/** Older orgs name the folder by a relationship only. */
function folderColumn({ fields: known }: SObjectDescribe): string | undefined {
  if (known.has('FolderName')) return 'FolderName';
  return known.has('FolderId') ? 'Folder.Name' : undefined;
}

function listQuery(folder: string | undefined, search: string | undefined, after: readonly string[] | undefined): Soql {
  const columns = fields(['Id', 'Name', ...(folder === undefined ? [] : [folder])]);
  const like = contains(search ?? '');
  const limit = number(PAGE + 1);
  if (after === undefined)
    return soql`SELECT ${columns} FROM EmailTemplate WHERE IsActive = TRUE AND TemplateType IN ('text', 'html', 'custom') AND Name LIKE ${like} ORDER BY Name, Id LIMIT ${limit}`;
  const [name = '', id = ''] = after;
  return soql`SELECT ${columns} FROM EmailTemplate WHERE IsActive = TRUE AND TemplateType IN ('text', 'html', 'custom') AND Name LIKE ${like} AND (Name > ${text(name)} OR (Name = ${text(name)} AND Id > ${text(id)})) ORDER BY Name, Id LIMIT ${limit}`;
}

function entryOf(record: CrmRecord): TemplateEntry {
  const folder = record.FolderName ?? (record.Folder as CrmRecord | null | undefined)?.Name;
  return {
    id: textOf(record.Id),
    name: typeof record.Name === 'string' ? record.Name : null,
    folder: typeof folder === 'string' && folder !== '' ? folder : null,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
