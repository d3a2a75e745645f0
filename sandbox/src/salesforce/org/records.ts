import type { SalesforceOrg } from './org.ts';
import { datetimeText, type FieldSchema, type ObjectSchema, type Row, type Value } from './schema.ts';
import type { Table } from './table.ts';

/** Notes on a new row who made it and when. @param now epoch milliseconds */
export function stampNew(row: Row, now: number, userId: string): Row {
  const at = datetimeText(now);
  row.CreatedDate = at;
  row.CreatedById = userId;
  return stampChange(row, now, userId);
}

/** Notes on a changed row who changed it and when. */
export function stampChange(row: Row, now: number, userId: string): Row {
  const at = datetimeText(now);
  row.LastModifiedDate = at;
  row.LastModifiedById = userId;
  row.SystemModstamp = at;
  return row;
}

/** Gives a new record its numbers, after the last one of the table. */
export function fillNumbers(table: Table, schema: ObjectSchema, row: Row): void {
  for (const { name, autoNumber } of schema.fields.values()) {
    if (autoNumber === undefined || (row[name] ?? null) !== null) continue;
    const zeros = /0+$/.exec(autoNumber)?.[0] ?? '';
    const letters = autoNumber.slice(0, autoNumber.length - zeros.length);
    let last = 0;
    for (const other of table.rows())
      last = Math.max(last, Number(String(other[name] ?? '').slice(letters.length)) || 0);
    row[name] = letters + String(last + 1).padStart(zeros.length, '0');
  }
}

/** Another record that holds the value of a unique field already; letter case is ignored, as Salesforce does. */
export function findDuplicate(
  table: Table,
  schema: ObjectSchema,
  values: Readonly<Record<string, Value>>,
  ownId?: string,
): { readonly field: FieldSchema; readonly row: Row } | undefined {
  for (const field of schema.fields.values()) {
    const value = values[field.name];
    if (!field.unique || value === null || value === undefined) continue;
    const wanted = String(value).toLowerCase();
    for (const row of table.rows()) {
      if (row.Id !== ownId && String(row[field.name] ?? '').toLowerCase() === wanted) return { field, row };
    }
  }
  return undefined;
}

/** Objects whose records go when their parent goes. */
const DEPENDENTS: Readonly<Record<string, readonly [child: string, field: string][]>> = {
  Account: [
    ['Contact', 'AccountId'],
    ['Opportunity', 'AccountId'],
    ['Asset', 'AccountId'],
  ],
  Opportunity: [['OpportunityLineItem', 'OpportunityId']],
};

/** Deletes records and everything below them. @returns how many of `ids` were deleted */
export function cascade(org: SalesforceOrg, object: string, ids: readonly string[]): number {
  const gone = new Set(ids);
  for (const [child, field] of DEPENDENTS[object] ?? []) {
    const below = [...org.table(child).rows()].filter((row) => {
      const parent = row[field];
      return typeof parent === 'string' && gone.has(parent);
    });
    if (below.length > 0) cascade(org, child, below.map((row) => row.Id)); // prettier-ignore
  }
  const table = org.table(object);
  return ids.filter((id) => table.remove(id)).length;
}
