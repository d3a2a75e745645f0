import { PERMISSION_SETS, type PermissionSet } from './permission-sets.ts';
import type { Row } from './schema.ts';
import type { Table } from './table.ts';

/** A user of the org. Everything is read at the moment of asking, so a change in Setup is seen at once. */
export interface OrgUser {
  /** 18 characters. */
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly active: boolean;
  /** Custom permissions: `OneShot_User`, `OneShot_Admin`. */
  readonly permissions: ReadonlySet<string>;
  /** Those of the package that are assigned; what one does not give another may. */
  readonly permissionSets: readonly PermissionSet[];
  readonly timezone: string;
  readonly locale: string;
  readonly language: string;
  /** ISO code that `convertCurrency` gives this user. */
  readonly currency: string;
}

interface UserTables {
  readonly users: () => Table;
  readonly assignments: () => Table;
  readonly permissionSets: () => Table;
}

/** A user whose traits are those of their record now; one who was deleted reads as inactive. */
export class LiveUser implements OrgUser {
  readonly id: string;
  readonly #tables: UserTables;

  constructor(id: string, tables: UserTables) {
    this.id = id;
    this.#tables = tables;
  }

  get #row(): Row | undefined {
    return this.#tables.users().get(this.id);
  }

  #text(field: string): string {
    const value = this.#row?.[field];
    return typeof value === 'string' ? value : '';
  }

  get username(): string {
    return this.#text('Username');
  }
  get email(): string {
    return this.#text('Email');
  }
  get name(): string {
    return this.#text('Name');
  }
  get firstName(): string {
    return this.#text('FirstName');
  }
  get lastName(): string {
    return this.#text('LastName');
  }
  get active(): boolean {
    return this.#row?.IsActive === true;
  }
  get timezone(): string {
    return this.#text('TimeZoneSidKey');
  }
  get locale(): string {
    return this.#text('LocaleSidKey');
  }
  get language(): string {
    return this.#text('LanguageLocaleKey');
  }
  get currency(): string {
    return this.#text('DefaultCurrencyIsoCode');
  }

  get permissions(): ReadonlySet<string> {
    return new Set(this.permissionSets.flatMap(({ customPermissions }) => customPermissions));
  }

  get permissionSets(): readonly PermissionSet[] {
    const assigned = this.#tables.assignments().having('AssigneeId', this.id);
    const names = new Set(
      assigned.map(({ PermissionSetId: id }) =>
        typeof id === 'string' ? this.#tables.permissionSets().get(id)?.Name : undefined,
      ),
    );
    return PERMISSION_SETS.filter(({ name }) => names.has(name));
  }
}
