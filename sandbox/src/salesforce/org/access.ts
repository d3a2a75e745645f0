import { personId } from './demo/people.ts';
import type { FieldSchema, ObjectSchema } from './schema.ts';
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
    return this.#said(user, object.name).read ?? (object.feature !== 'package' || hasPackage(user));
  }

  canCreate(user: OrgUser, object: ObjectSchema): boolean {
    return object.createable && (this.#said(user, object.name).create ?? mayCreate(user, object));
  }

  canEdit(user: OrgUser, object: ObjectSchema): boolean {
    return object.updateable && (this.#said(user, object.name).create ?? mayEdit(user, object));
  }

  canDelete(user: OrgUser, object: ObjectSchema): boolean {
    return object.deletable && mayDelete(user, object);
  }

  canReadField(user: OrgUser, object: ObjectSchema, field: FieldSchema): boolean {
    const said = this.#said(user, object.name, field.name).read;
    if (said !== undefined) return said;
    // DESIGN 6: administering keys gives no read on the half.
    return field.name !== 'Half__c' || user.permissions.has('OneShot_User');
  }

  canWriteField(user: OrgUser, object: ObjectSchema, field: FieldSchema): boolean {
    return this.canReadField(user, object, field) && (this.#said(user, object.name, field.name).create ?? true);
  }

  #said(user: OrgUser, object: string, field?: string): Grant {
    return this.#grants.get(keyOf(user.id, object, field)) ?? {};
  }
}

const keyOf = (userId: string, object: string, field: string | undefined): string =>
  `${userId} ${object} ${field ?? ''}`.toLowerCase();

const hasPackage = ({ permissions }: OrgUser): boolean =>
  permissions.has('OneShot_User') || permissions.has('OneShot_Admin');

/*
 * What the package's permission sets give: a rep makes their own key and never changes it, an admin deletes keys and
 * writes the org's record.
 */
function mayCreate({ permissions }: OrgUser, { name }: ObjectSchema): boolean {
  if (name === 'OneShotKey__c') return permissions.has('OneShot_User');
  if (name === 'OneShotOrg__c') return permissions.has('OneShot_Admin');
  return true;
}

function mayEdit({ permissions }: OrgUser, { name }: ObjectSchema): boolean {
  if (name === 'OneShotKey__c') return false;
  return name !== 'OneShotOrg__c' || permissions.has('OneShot_Admin');
}

function mayDelete({ permissions }: OrgUser, { name }: ObjectSchema): boolean {
  if (name === 'OneShotKey__c') return permissions.has('OneShot_Admin');
  return name !== 'OneShotOrg__c';
}
