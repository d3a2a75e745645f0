import type { Clock } from '../../clock.ts';
import { Access } from './access.ts';
import { OrgControl } from './control.ts';
import { companiesFromCsv } from './demo/csv.ts';
import type { GivenCompany } from './demo/accounts.ts';
import { ADMIN_ID, DEMO_PEOPLE } from './demo/people.ts';
import { demoSeeds, ORG_ID } from './demo/seeds.ts';
import { fieldPermissions, objectPermissions } from './granted.ts';
import { Money } from './money.ts';
import { accountObject, peopleObjects, revenueObjects } from './objects/sales.ts';
import { packageObjects, setupObjects, workObjects } from './objects/system.ts';
import type { Feature, FieldSchema, ObjectSchema } from './schema.ts';
import { Sharing } from './sharing.ts';
import { Table } from './table.ts';
import { LiveUser, type OrgUser } from './users.ts';

export type { OrgUser } from './users.ts';

/** Switches of the org (DESIGN 9, `/__control/org`). */
export interface OrgFlags {
  /** Whether the package, its External Client App and its objects included, is installed. */
  appInstalled: boolean;
  apiEnabled: boolean;
  /** REST calls that the org may make in a day. */
  dailyApiLimit: number;
  multiCurrency: boolean;
  personAccounts: boolean;
}

export interface OrgOptions {
  /** Accounts that the org starts with; 2,400 when not given. */
  readonly accounts?: number;
  /** A CSV file whose companies take the places of the invented accounts. */
  readonly accountsCsv?: string;
  /** Namespace of the package, as a managed one has; '' when not given. */
  readonly namespace?: string;
  readonly clock: Clock;
}

const DEFAULT_ACCOUNTS = 2_400;
const DAY = 86_400_000;

const START_FLAGS: OrgFlags = {
  appInstalled: true,
  apiEnabled: true,
  dailyApiLimit: 100_000,
  multiCurrency: true,
  personAccounts: false,
};

/**
 * Makes the demo org (DESIGN 9): the same for the same options, on the same day.
 * @throws Error with one line when the CSV file is missing or lacks a column
 */
export function createOrg(options: OrgOptions): SalesforceOrg {
  const companies = options.accountsCsv === undefined ? undefined : companiesFromCsv(options.accountsCsv);
  return new SalesforceOrg(options.clock, options.accounts ?? DEFAULT_ACCOUNTS, companies, options.namespace);
}

/** One Salesforce org: its objects, records, users, and who may see what. Knows nothing of HTTP or SOQL. */
export class SalesforceOrg {
  /** Another one after the org was copied, as Salesforce does for a sandbox: everything else in it is the same. */
  id = ORG_ID;
  readonly clock: Clock;
  /** Of the package; '' for none. */
  readonly namespace: string;
  readonly control: OrgControl;
  readonly money: Money;
  flags: OrgFlags = { ...START_FLAGS };
  /** How often the org went back to its start; what was made before that (cursors, counts) is void. */
  resets = 0;
  access = new Access();
  sharing = new Sharing((object) => this.table(object));
  #objects = new Map<string, ObjectSchema>();
  #tables = new Map<string, Table>();
  readonly #accounts: number;
  readonly #companies: readonly GivenCompany[] | undefined;

  constructor(clock: Clock, accounts: number, companies?: readonly GivenCompany[], namespace = '') {
    this.clock = clock;
    this.namespace = namespace;
    this.#accounts = accounts;
    this.#companies = companies;
    this.control = new OrgControl(this);
    this.money = new Money(this);
    this.reset();
  }

  /** Back to the start: records, schema, people, access and flags. */
  reset(): void {
    const objects = [
      accountObject(),
      ...peopleObjects(),
      ...revenueObjects(),
      ...setupObjects(),
      ...workObjects(),
      ...packageObjects(this.namespace),
    ];
    const seeds = demoSeeds({
      accounts: this.#accounts,
      ...(this.#companies === undefined ? {} : { companies: this.#companies }),
      today: Math.floor(this.clock.now() / DAY) * DAY,
      namespace: this.namespace,
    });
    this.resets++;
    this.id = ORG_ID;
    this.flags = { ...START_FLAGS };
    this.access = new Access();
    this.sharing = new Sharing((object) => this.table(object));
    this.#objects = new Map(objects.map((object) => [object.name.toLowerCase(), object]));
    this.#tables = new Map(
      objects.map(({ name, keyPrefix }) => [name.toLowerCase(), new Table(keyPrefix, seeds[name] ?? (() => []))]),
    );
    for (const [name, of] of [
      ['FieldPermissions', fieldPermissions],
      ['ObjectPermissions', objectPermissions],
    ] as const)
      this.#tables.set(name.toLowerCase(), of(this, this.table(name).keyPrefix));
    // Accounts are what everybody asks for first: made now, so that the first answer is as fast as the next.
    this.table('Account').load();
  }

  /** All objects that the org has with its present features. */
  objects(): ObjectSchema[] {
    return [...this.#objects.values()].filter(({ feature }) => this.has(feature));
  }

  /** An object by name in any letter case, whether or not its feature is on. */
  object(name: string): ObjectSchema | undefined {
    return this.#objects.get(name.toLowerCase());
  }

  /** Takes an object out of the org's schema; its records stay. */
  removeObject(name: string): void {
    this.#objects.delete(name.toLowerCase());
  }

  /** The records of an object. @throws RangeError when there is no such object */
  table(object: string): Table {
    const table = this.#tables.get(object.toLowerCase());
    if (table === undefined) throw new RangeError(`No object ${object}`);
    return table;
  }

  /** The object as this user finds it in an API, or `undefined` when they may not see it or it is not there. */
  objectFor(user: OrgUser, name: string, api: 'data' | 'tooling' = 'data'): ObjectSchema | undefined {
    const object = this.object(name);
    // What the tooling API shows of Setup, the data API shows too (Object Reference, CspTrustedSite, since 48.0).
    if (object === undefined || (api === 'tooling' && !object.tooling)) return undefined;
    return this.has(object.feature) && this.access.canRead(user, object) ? object : undefined;
  }

  /** The field as this user finds it: hidden by field-level security is as good as not there. */
  fieldFor(user: OrgUser, object: ObjectSchema, name: string): FieldSchema | undefined {
    const field = object.fields.get(name.toLowerCase());
    return field !== undefined && this.has(field.feature) && this.access.canReadField(user, object, field)
      ? field
      : undefined;
  }

  /** Whether a feature is on. */
  has(feature: Feature | undefined): boolean {
    switch (feature) {
      case undefined:
        return true;
      case 'multiCurrency':
        return this.flags.multiCurrency;
      case 'personAccounts':
        return this.flags.personAccounts;
      case 'package':
        return this.flags.appInstalled;
    }
  }

  /** The user of that name, in any letter case. */
  findUser(username: string): OrgUser | undefined {
    const wanted = username.toLowerCase();
    for (const row of this.table('User').rows()) {
      if (typeof row.Username === 'string' && row.Username.toLowerCase() === wanted) return this.userById(row.Id);
    }
    return undefined;
  }

  /** @param id 18 characters */
  userById(id: string): OrgUser | undefined {
    if (this.table('User').get(id) === undefined) return undefined;
    return new LiveUser(id, {
      users: () => this.table('User'),
      assignments: () => this.table('PermissionSetAssignment'),
      permissionSets: () => this.table('PermissionSet'),
    });
  }

  /** Who owns what somebody in Salesforce made without saying whose it is. */
  get adminId(): string {
    return ADMIN_ID;
  }
}

/** Usernames of the people who come with the org; the first four can sign in (DESIGN 9). */
export const DEMO_USERNAMES: readonly string[] = DEMO_PEOPLE.map(({ username }) => username);
