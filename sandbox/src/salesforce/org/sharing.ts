import { personId } from './demo/people.ts';
import { hash } from './random.ts';
import { bareName, type Row, type Value } from './schema.ts';
import type { Table } from './table.ts';
import type { OrgUser } from './users.ts';

/** Whether a user sees a row. */
export type Visible = (row: Row) => boolean;

/** Which hundredths of the demo's accounts a user sees beside their own: the two reps overlap in 40 of 100. */
function shareOf(user: OrgUser): (accountId: string) => boolean {
  if (user.id === personId(0)) return (id) => hash(id) % 100 < 80;
  if (user.id === personId(1)) return (id) => hash(id) % 100 >= 40;
  const own = hash(user.id);
  return (id) => hash(id, own) % 100 < 95;
}

const everything: Visible = () => true;

/**
 * Sharing: which rows a user sees. Accounts are shared by rules of the org (private by default), contacts,
 * opportunities, lines, assets and tasks follow their parent, a OneShot key is its owner's alone, the rest is public.
 * Admins see all.
 */
export class Sharing {
  readonly #tableOf: (object: string) => Table;
  /** Rows for which a test said who sees them: user ids. */
  readonly #said = new Map<string, ReadonlySet<string>>();

  constructor(tableOf: (object: string) => Table) {
    this.#tableOf = tableOf;
  }

  /** Says who sees a row, beside admins; `undefined` goes back to the org's rules. */
  say(id: string, userIds: ReadonlySet<string> | undefined): void {
    if (userIds === undefined) this.#said.delete(id);
    else this.#said.set(id, userIds);
  }

  /** The test for one user and object; make it once and use it for many rows. */
  of(user: OrgUser, object: string): Visible {
    // Private, but for whom a permission set gives "View All".
    const bare = bareName(object);
    if (bare === 'OneShotKey__c') {
      const seesAll = user.permissionSets.some(({ objects }) => objects[bare]?.viewAll === true);
      return seesAll ? everything : (row) => row.OwnerId === user.id;
    }
    if (user.permissions.has('OneShot_Admin')) return everything;
    const rule = this.#rule(user, object);
    if (this.#said.size === 0) return rule;
    return (row) => this.#said.get(row.Id)?.has(user.id) ?? rule(row);
  }

  #rule(user: OrgUser, object: string): Visible {
    const owns: Visible = (row) => row.OwnerId === user.id;
    switch (object) {
      case 'Account': {
        const table = this.#tableOf('Account');
        const shared = shareOf(user);
        return (row) => owns(row) || !table.isSeeded(row.Id) || shared(row.Id);
      }
      case 'Contact':
      case 'Opportunity':
      case 'Asset':
        return this.#byParent(user, [['AccountId', 'Account']], owns);
      case 'OpportunityLineItem':
        return this.#byParent(user, [['OpportunityId', 'Opportunity']], owns);
      case 'Task': {
        const parents: [string, string][] = [
          ['WhoId', 'Contact'],
          ['WhatId', 'Account'],
          ['WhatId', 'Opportunity'],
        ];
        const byParent = this.#byParent(user, parents, owns);
        return (row) => owns(row) || byParent(row);
      }
      case 'Folder':
        return (row) => row.AccessType !== 'Hidden' || row.CreatedById === user.id;
      case 'EmailTemplate': {
        const folders = this.#tableOf('Folder');
        const isOpen = (id: Value | undefined) => typeof id !== 'string' || folders.get(id)?.AccessType !== 'Hidden';
        return (row) => owns(row) || isOpen(row.FolderId);
      }
      default:
        return everything;
    }
  }

  /** Visible where one of the parents is; without any parent it is its owner's. */
  #byParent(user: OrgUser, parents: readonly [field: string, object: string][], orphan: Visible): Visible {
    const tests = parents.map(([, object]) => {
      const table = this.#tableOf(object);
      const visible = this.of(user, object);
      return (id: Value | undefined): boolean => {
        const parent = typeof id === 'string' ? table.get(id) : undefined;
        return parent !== undefined && visible(parent);
      };
    });
    return (row) => {
      const ids = parents.map(([field]) => row[field]);
      return ids.every((id) => (id ?? null) === null) ? orphan(row) : tests.some((test, i) => test(ids[i]));
    };
  }
}
