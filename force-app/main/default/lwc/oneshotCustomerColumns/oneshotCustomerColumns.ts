import type { SortKey } from 'c/oneshotApi';
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

export const rowActions = [
  { label: open, name: 'open' },
  { label: openInNewTab, name: 'openInNewTab' },
  { label: customersLike, name: 'customersLike' },
  { label: write, name: 'write' },
  { label: copyReference, name: 'copyReference' },
] as const;
export type RowAction = (typeof rowActions)[number]['name'];

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
export function datatableColumns(hidden: readonly string[]): object[] {
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
    { type: 'action', typeAttributes: { rowActions, menuAlignment: 'auto' } },
  ];
}
