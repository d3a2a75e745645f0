import type { SalesforceOrg } from '../salesforce/org/org.ts';
import { seed } from './demo.ts';
import { RateLimit } from './rate-limit.ts';

export interface OutreachUser {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly locked: boolean;
}

export interface OutreachAccount {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
}

export interface Prospect {
  readonly id: number;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly company: string | null;
  readonly externalId: string | null;
  /** Lower-cased; the first is the one that sequences write to. */
  readonly emails: readonly string[];
  readonly optedOut: boolean;
  readonly accountId: number | null;
  readonly ownerId: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface Mailbox {
  readonly id: number;
  readonly email: string;
  readonly userId: number;
  readonly sendDisabled: boolean;
}

export interface Sequence {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly locked: boolean;
  /** Only its owner sees a private one. */
  readonly shareType: 'private' | 'read_only' | 'shared';
  readonly ownerId: number;
}

export interface SequenceState {
  readonly id: number;
  readonly state: 'active' | 'paused' | 'finished';
  readonly prospectId: number;
  readonly sequenceId: number;
  readonly mailboxId: number;
  readonly creatorId: number;
  readonly createdAt: string;
}

/** Everything in one Outreach organisation. */
export interface OutreachRows {
  readonly accounts: OutreachAccount[];
  readonly prospects: Prospect[];
  readonly mailboxes: Mailbox[];
  readonly sequences: Sequence[];
  readonly sequenceStates: SequenceState[];
}

/** The data of the demo's Outreach, made when somebody first asks. Its users are those of the Salesforce org. */
export class OutreachData {
  readonly limit: RateLimit;
  readonly #org: SalesforceOrg;
  #rows: OutreachRows | undefined;

  constructor(org: SalesforceOrg) {
    this.#org = org;
    this.limit = new RateLimit(() => org.clock.now());
  }

  get rows(): OutreachRows {
    return (this.#rows ??= seed(this.#org, this.users()));
  }

  /** In the order in which they came to the org; the number of an id is their place. */
  users(): OutreachUser[] {
    return [...this.#org.table('User').rows()].map(({ Id, Username, Name, FirstName, LastName }, index) => ({
      id: index + 1,
      email: String(Username ?? Id),
      name: String(Name ?? ''),
      firstName: String(FirstName ?? ''),
      lastName: String(LastName ?? ''),
      locked: false,
    }));
  }

  userNamed(username: string): OutreachUser | undefined {
    return this.users().find(({ email }) => email === username);
  }

  reset(): void {
    this.#rows = undefined;
    this.limit.clear();
  }
}

/** The id after the last one. */
export function nextId(rows: readonly { readonly id: number }[]): number {
  return (rows.at(-1)?.id ?? 0) + 1;
}
