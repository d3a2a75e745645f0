import { datatableColumns, hiddenAtFirst, hiddenBy } from 'c/oneshotCustomerColumns';

test('a page lists the columns that are shown at first', () => {
  expect(hiddenBy('arr, OWNER; website')).toEqual({
    hidden: ['industry', 'country', 'products', 'changed', 'city'],
    unknown: [],
  });
  // The name is always there, listed or not.
  expect(hiddenBy('name').hidden).toHaveLength(8);
});

test('names of no column are told; a list of nothing else leaves the columns as they are', () => {
  expect(hiddenBy('arr, turnover')).toMatchObject({ unknown: ['turnover'] });
  expect(hiddenBy('arr, turnover').hidden).not.toContain('arr');
  expect(hiddenBy('turnover; <b>x</b>')).toEqual({ hidden: hiddenAtFirst, unknown: ['turnover', '<b>x</b>'] });
  for (const nothing of ['', ' ', undefined, null, 7])
    expect(hiddenBy(nothing)).toEqual({ hidden: hiddenAtFirst, unknown: [] });
});

test('a page without writing or references offers neither in the menu of a row', () => {
  const menu = (without: object): unknown => {
    const { typeAttributes } = datatableColumns([], without).at(-1) as {
      typeAttributes: { rowActions: { name: string }[] };
    };
    return typeAttributes.rowActions.map(({ name }) => name);
  };
  expect(menu({})).toEqual(['open', 'openInNewTab', 'customersLike', 'write', 'copyReference']);
  expect(menu({ writing: true })).not.toContain('write');
  expect(menu({ writing: true, references: true })).toEqual(['open', 'openInNewTab', 'customersLike']);
});
