import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { PERMISSION_SETS } from './permission-sets.ts';

/** The package's metadata; read as files, the sandbox imports nothing of it. */
const folder = new URL('../../../../force-app/main/default/permissionsets/', import.meta.url);

/** The elements of that name, each as its leaves. */
function leavesOf(xml: string, element: string): Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(([, inner = '']) =>
    Object.fromEntries([...inner.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name = '', value = '']) => [name, value])),
  );
}

test('the permission sets are those of the package', () => {
  const found = readdirSync(folder).map((file) => {
    const xml = readFileSync(new URL(file, folder), 'utf8');
    const objects = leavesOf(xml, 'objectPermissions').map((one) => [
      one.object ?? '',
      {
        read: one.allowRead === 'true',
        create: one.allowCreate === 'true',
        edit: one.allowEdit === 'true',
        delete: one.allowDelete === 'true',
        viewAll: one.viewAllRecords === 'true',
        modifyAll: one.modifyAllRecords === 'true',
      },
    ]);
    const fields = leavesOf(xml, 'fieldPermissions').map((one) => [
      one.field ?? '',
      { read: one.readable === 'true', edit: one.editable === 'true' },
    ]);
    return {
      name: file.split('.')[0] ?? '',
      customPermissions: leavesOf(xml, 'customPermissions')
        .map(({ name = '' }) => name)
        .sort(),
      objects: Object.fromEntries(objects) as unknown,
      fields: Object.fromEntries(fields) as unknown,
    };
  });
  const ours = PERMISSION_SETS.map(({ name, customPermissions, objects, fields }) => ({
    name,
    customPermissions: [...customPermissions].sort(),
    objects,
    fields,
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(ours.sort(byName)).toEqual(found.sort(byName));
});
