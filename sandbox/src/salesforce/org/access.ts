import { personId } from './demo/people.ts';
import type { ObjectPermissions } from './permission-sets.ts';
import { bareName, type FieldSchema, type ObjectSchema } from './schema.ts';
import type { OrgUser } from './users.ts';

/** What may be done with an object or a field; what is not said stays as the permission sets have it. */
export interface Grant {
  readonly read?: boolean;
  /** Create and edit. */
  readonly create?: boolean;
}

/** Object permissions and field-level security of each user. */
export class Access {
  readonly #grants = new Map<string, Grant>();

  constructor() {
    // DESIGN 9: the second rep may not see the industry.
    this.set(personId(1), 'Account', 'Industry', { read: false, create: false });
  }

  /** Changes one user's access to an object, or to a field of it. */
  set(userId: string, object: string, field: string | undefined, grant: Grant): void {
    const key = keyOf(userId, object, field);
    this.#grants.set(key, { ...this.#grants.get(key), ...grant });
  }

  canRead(user: OrgUser, object: ObjectSchema): boolean {
    // Whoever administers OneShot here is an admin of the org, who may see Setup.
    const isSetup = object.tooling || object.name === 'FieldPermissions' || object.name === 'ObjectPermissions';
    if (isSetup && !user.permissions.has('OneShot_Admin')) return false;
    return this.#said(user, object.name).read ?? gives(user, object, 'read');
  }

  canCreate(user: OrgUser, object: ObjectSchema): boolean {
    return object.createable && (this.#said(user, object.name).create ?? gives(user, object, 'create'));
  }

  canEdit(user: OrgUser, object: ObjectSchema): boolean {
    return object.updateable && (this.#said(user, object.name).create ?? gives(user, object, 'edit'));
  }

  canDelete(user: OrgUser, object: ObjectSchema): boolean {
    return object.deletable && gives(user, object, 'delete');
  }

  /** Whether a user may change and delete others' records of an object. */
  canModifyAll(user: OrgUser, object: ObjectSchema): boolean {
    return object.feature === 'package' ? gives(user, object, 'modifyAll') : user.permissions.has('OneShot_Admin');
  }

  canReadField(user: OrgUser, object: ObjectSchema, field: FieldSchema): boolean {
    return this.#said(user, object.name, field.name).read ?? givesField(user, object, field, 'read');
  }

  canWriteField(user: OrgUser, object: ObjectSchema, field: FieldSchema): boolean {
    const said = this.#said(user, object.name, field.name).create;
    return this.canReadField(user, object, field) && (said ?? givesField(user, object, field, 'edit'));
  }

  #said(user: OrgUser, object: string, field?: string): Grant {
    return this.#grants.get(keyOf(user.id, object, field)) ?? {};
  }
}

const keyOf = (userId: string, object: string, field: string | undefined): string =>
  `${userId} ${object} ${field ?? ''}`.toLowerCase();

/** The org's own objects are everybody's; those of the package are for whom a permission set of it names. */
function gives({ permissionSets }: OrgUser, { feature, name }: ObjectSchema, right: keyof ObjectPermissions): boolean {
  return feature !== 'package' || permissionSets.some(({ objects }) => objects[bareName(name)]?.[right] === true);
}

/** Field-level security concerns custom fields of the package; the others come with the object. */
function givesField(user: OrgUser, object: ObjectSchema, field: FieldSchema, right: 'read' | 'edit'): boolean {
  if (object.feature !== 'package' || !field.custom) return true;
  return user.permissionSets.some(
    ({ fields }) => fields[`${bareName(object.name)}.${bareName(field.name)}`]?.[right] === true,
  );
}
