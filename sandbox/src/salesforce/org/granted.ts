import { recordId } from './ids.ts';
import type { SalesforceOrg } from './org.ts';
import type { Row } from './schema.ts';
import { Table } from './table.ts';

/** Rows that are worked out whenever somebody looks, because they say what is so elsewhere. */
class ComputedTable extends Table {
  readonly #compute: () => Row[];

  constructor(keyPrefix: string, compute: () => Row[]) {
    super(keyPrefix, () => []);
    this.#compute = compute;
  }

  override rows(): IterableIterator<Row> {
    return this.#compute().values();
  }

  override get(id: string): Row | undefined {
    return this.#compute().find((row) => row.Id === id);
  }

  override having(field: string, value: string): readonly Row[] {
    return this.#compute().filter((row) => row[field] === value);
  }
}

/** Whom a profile's permission set belongs to: in this org each person has a profile of their own. */
function profiles(org: SalesforceOrg): { readonly parent: string; readonly userId: string }[] {
  const sets = org.table('PermissionSet');
  return [...org.table('PermissionSetAssignment').rows()].flatMap(({ AssigneeId: userId, PermissionSetId: parent }) =>
    typeof parent === 'string' && typeof userId === 'string' && sets.get(parent)?.IsOwnedByProfile === true
      ? [{ parent, userId }]
      : [],
  );
}

/** `FieldPermissions`: a row for each field under field-level security that a person may read. */
export function fieldPermissions(org: SalesforceOrg, keyPrefix: string): Table {
  return new ComputedTable(keyPrefix, () => {
    const rows: Row[] = [];
    for (const { parent, userId } of profiles(org)) {
      const user = org.userById(userId);
      if (user === undefined) continue;
      for (const object of org.objects()) {
        for (const field of object.fields.values()) {
          if (!field.permissionable || !org.access.canReadField(user, object, field)) continue;
          rows.push({
            Id: recordId(keyPrefix, rows.length + 1),
            ParentId: parent,
            SobjectType: object.name,
            Field: `${object.name}.${field.name}`,
            PermissionsRead: true,
            PermissionsEdit: org.access.canWriteField(user, object, field),
          });
        }
      }
    }
    return rows;
  });
}

/** `ObjectPermissions`: a row for each object that a person may read. */
export function objectPermissions(org: SalesforceOrg, keyPrefix: string): Table {
  return new ComputedTable(keyPrefix, () => {
    const rows: Row[] = [];
    for (const { parent, userId } of profiles(org)) {
      const user = org.userById(userId);
      if (user === undefined) continue;
      for (const object of org.objects()) {
        if (!org.access.canRead(user, object)) continue;
        rows.push({
          Id: recordId(keyPrefix, rows.length + 1),
          ParentId: parent,
          SobjectType: object.name,
          PermissionsRead: true,
          PermissionsCreate: org.access.canCreate(user, object),
          PermissionsEdit: org.access.canEdit(user, object),
          PermissionsDelete: org.access.canDelete(user, object),
        });
      }
    }
    return rows;
  });
}
