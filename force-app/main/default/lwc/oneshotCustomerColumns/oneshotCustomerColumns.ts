import type { SortKey } from 'c/oneshotApi';
import { namesOf } from 'c/oneshotPageSettings';
import account from '@salesforce/label/c.Account';
import arr from '@salesforce/label/c.ARR';
import changed from '@salesforce/label/c.Changed';
import city from '@salesforce/label/c.City';
import copyReference from '@salesforce/label/c.Copy_Reference';
import country from '@salesforce/label/c.Country';
import customersLike from '@salesforce/label/c.Customers_Like_This';
import industry from '@salesforce/label/c.Industry';
import open from '@salesforce/label/c.Open';
import openInNewTab from '@salesforce/label/c.Open_In_New_Tab';
import owner from '@salesforce/label/c.Owner';
import products from '@salesforce/label/c.Products';
import website from '@salesforce/label/c.Website';
import write from '@salesforce/label/c.Write';

export { type CustomerRow, toRow } from './rows';

/** A column of the table; `name` is the row's property. */
export interface Column {
  name: string;
  label: string;
  sortKey?: SortKey;
}

/** In the order of the screen. The account's name cannot be hidden. */
export const columns: readonly Column[] = [
  { name: 'name', label: account, sortKey: 'name' },
  { name: 'arr', label: arr, sortKey: 'arr' },
  { name: 'industry', label: industry, sortKey: 'industry' },
  { name: 'country', label: country, sortKey: 'country' },
  { name: 'products', label: products },
  { name: 'owner', label: owner },
  { name: 'changed', label: changed, sortKey: 'modified' },
  { name: 'city', label: city },
  { name: 'website', label: website },
];

/** Columns that a rep may hide, and those hidden until chosen. */
export const hideable: readonly Column[] = columns.slice(1);
export const hiddenAtFirst: readonly string[] = ['city', 'website'];

/**
 * The columns that an admin listed for a page: which are hidden until a rep chooses otherwise, and which names are no
 * column's. A list in which no column is found leaves the columns as they are without one.
 */
export function hiddenBy(listed: unknown): { hidden: readonly string[]; unknown: readonly string[] } {
  const names = namesOf(listed);
  const isKnown = (name: string): boolean => columns.some((column) => column.name === name);
  const unknown = names.filter((name) => !isKnown(name));
  const hidden = hideable.map(({ name }) => name).filter((name) => !names.includes(name));
  return { hidden: unknown.length === names.length ? hiddenAtFirst : hidden, unknown };
}

/** Sections that a page can do without. */
export interface Without {
  writing?: boolean;
  references?: boolean;
}

const allRowActions = [
  { label: open, name: 'open' },
  { label: openInNewTab, name: 'openInNewTab' },
  { label: customersLike, name: 'customersLike' },
  { label: write, name: 'write' },
  { label: copyReference, name: 'copyReference' },
] as const;
export type RowAction = (typeof allRowActions)[number]['name'];

export function rowActions({ writing = false, references = false }: Without): object[] {
  const gone: readonly RowAction[] = [
    ...(writing ? ['write' as const] : []),
    ...(references ? ['copyReference' as const] : []),
  ];
  return allRowActions.filter(({ name }) => !gone.includes(name));
}

function cell(column: Column): object {
  if (column.name === 'name') {
    return {
      type: 'url',
      fieldName: 'url',
      typeAttributes: { label: { fieldName: 'name' }, target: '_self', tooltip: { fieldName: 'name' } },
    };
  }
  if (column.name === 'arr') {
    return {
      type: 'titled',
      fieldName: 'arr',
      typeAttributes: { title: { fieldName: 'arrTitle' } },
      cellAttributes: { alignment: 'right' },
    };
  }
  if (column.name === 'products' || column.name === 'changed') {
    return { type: 'titled', fieldName: column.name, typeAttributes: { title: { fieldName: `${column.name}Title` } } };
  }
  return { type: 'text', fieldName: column.name };
}

/** What lightning-datatable is given: the columns that are shown, and the row's menu. */
export function datatableColumns(hidden: readonly string[], without: Without = {}): object[] {
  return [
    ...columns
      .filter((column) => !hidden.includes(column.name))
      .map((column) => ({
        label: column.label,
        columnKey: column.name,
        sortable: column.sortKey !== undefined,
        hideDefaultActions: true,
        ...cell(column),
      })),
    { type: 'action', typeAttributes: { rowActions: rowActions(without), menuAlignment: 'auto' } },
  ];
}
