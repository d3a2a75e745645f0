import OneshotCustomerTable from 'c/oneshotCustomerTable';
import { settle } from '../../../../../test/backend';
import { find, hear, mount } from '../../../../../test/mount';

type Column = { columnKey?: string; label?: string; type: string; fieldName?: string; sortable?: boolean };
type Table = HTMLElement & { columns: Column[]; sortedBy: string; sortedDirection: string };

async function open(properties: object = {}): Promise<{ element: HTMLElement; table: Table }> {
  const sort = { key: 'arr', order: 'desc' };
  const element = await mount('c-oneshot-customer-table', OneshotCustomerTable, { sort, ...properties });
  return { element, table: find<Table>(element, 'c-oneshot-datatable') };
}

afterEach(() => document.body.replaceChildren());

test('has the columns of the screen, names as links, and a menu at the end', async () => {
  const { table } = await open();
  expect(table.columns.map((column) => column.label ?? column.type)).toEqual([
    'Account',
    'ARR',
    'Industry',
    'Country',
    'Products',
    'Owner',
    'Changed',
    'action',
  ]);
  expect(table.columns[0]).toMatchObject({ type: 'url', fieldName: 'url' });
  expect([table.sortedBy, table.sortedDirection]).toEqual(['arr', 'desc']);
});

test('shows the columns that are chosen', async () => {
  const { table } = await open({ hiddenNames: ['arr', 'owner'] });
  const keys = table.columns.map((column) => column.columnKey);
  expect(keys).toEqual(expect.arrayContaining(['city', 'website']));
  expect(keys).not.toContain('arr');
});

test.each([
  [
    { columnKey: 'name', fieldName: 'url', sortDirection: 'asc' },
    { key: 'name', order: 'asc' },
  ],
  [
    { fieldName: 'url', sortDirection: 'desc' },
    { key: 'name', order: 'desc' },
  ],
  [
    { columnKey: 'changed', fieldName: 'changed', sortDirection: 'asc' },
    { key: 'modified', order: 'desc' },
  ],
  [
    { columnKey: 'arr', fieldName: 'arr', sortDirection: 'asc' },
    { key: 'arr', order: 'asc' },
  ],
])('a click on the head %j asks for %j', async (detail, sort) => {
  const { element, table } = await open();
  const heard = hear(element, 'sortchange');
  table.dispatchEvent(new CustomEvent('sort', { detail }));
  expect(heard).toHaveBeenCalledWith(sort);
});

test('a column that the backend cannot sort by asks for nothing', async () => {
  const { element, table } = await open();
  const heard = hear(element, 'sortchange');
  table.dispatchEvent(new CustomEvent('sort', { detail: { fieldName: 'owner', sortDirection: 'asc' } }));
  expect(heard).not.toHaveBeenCalled();
  expect(table.columns.filter((column) => column.sortable === true).map((column) => column.columnKey)).toEqual([
    'name',
    'arr',
    'industry',
    'country',
    'changed',
  ]);
});

test('passes on selection and row menu by id only', async () => {
  const { element, table } = await open();
  const [select, action] = [hear(element, 'select'), hear(element, 'rowaction')];
  table.dispatchEvent(new CustomEvent('rowselection', { detail: { selectedRows: [{ id: 'a', name: 'A' }] } }));
  table.dispatchEvent(new CustomEvent('rowaction', { detail: { action: { name: 'open' }, row: { id: 'a' } } }));
  await settle();
  expect(select).toHaveBeenCalledWith({ ids: ['a'] });
  expect(action).toHaveBeenCalledWith({ action: 'open', id: 'a' });
});
