/** What a permission set gives on an object. */
export interface ObjectPermissions {
  readonly read: boolean;
  readonly create: boolean;
  readonly edit: boolean;
  readonly delete: boolean;
  /** Others' records too, whatever sharing says. */
  readonly viewAll: boolean;
  readonly modifyAll: boolean;
}

export interface PermissionSet {
  /** API name. */
  readonly name: string;
  readonly label: string;
  /** What `/__control/users` calls it. */
  readonly permission: string;
  readonly customPermissions: readonly string[];
  readonly objects: Readonly<Record<string, ObjectPermissions>>;
  /** Custom fields, by `Object.Field`; one that is not named is hidden. */
  readonly fields: Readonly<Record<string, { readonly read: boolean; readonly edit: boolean }>>;
}

const nothing = { read: true, create: false, edit: false, delete: false, viewAll: false, modifyAll: false };
const editable = { read: true, edit: true };
const readable = { read: true, edit: false };

/** The package's permission sets, as `force-app` has them; a test holds the two together. */
export const PERMISSION_SETS: readonly PermissionSet[] = [
  {
    name: 'OneShot_Rep',
    label: 'OneShot Rep',
    permission: 'OneShot_User',
    customPermissions: ['OneShot_User'],
    objects: { OneShotKey__c: { ...nothing, create: true }, OneShotOrg__c: nothing },
    fields: {
      'OneShotKey__c.Half__c': editable,
      'OneShotKey__c.UserId__c': editable,
      'OneShotKey__c.Version__c': editable,
      'OneShotOrg__c.HomeRegion__c': readable,
    },
  },
  {
    name: 'OneShot_Admin',
    label: 'OneShot Admin',
    permission: 'OneShot_Admin',
    customPermissions: ['OneShot_User', 'OneShot_Admin'],
    objects: {
      OneShotOrg__c: { ...nothing, create: true, edit: true, viewAll: true, modifyAll: true },
      OneShotAuditHead__c: { ...nothing, create: true, viewAll: true },
    },
    fields: {
      'OneShotOrg__c.HomeRegion__c': editable,
      'OneShotAuditHead__c.Trail__c': editable,
      'OneShotAuditHead__c.Entries__c': editable,
      'OneShotAuditHead__c.Hash__c': editable,
      'OneShotAuditHead__c.SignedAt__c': editable,
      'OneShotAuditHead__c.Signature__c': editable,
      'OneShotAuditHead__c.Request__c': editable,
    },
  },
  {
    // An org gives it to whom it likes; here the admins have it.
    name: 'OneShot_Key_Admin',
    label: 'OneShot Key Admin',
    permission: 'OneShot_Admin',
    customPermissions: [],
    objects: { OneShotKey__c: { ...nothing, edit: true, delete: true, viewAll: true, modifyAll: true } },
    fields: { 'OneShotKey__c.UserId__c': readable, 'OneShotKey__c.Version__c': readable },
  },
];
