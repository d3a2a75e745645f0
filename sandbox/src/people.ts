import type { Person, Policy } from './oauth/policy.ts';
import type { OrgUser, SalesforceOrg } from './salesforce/org/org.ts';

/** Whom the consent pages offer (DESIGN 9); anybody else can be typed in. */
const demoPeople = ['rep.one', 'rep.two', 'admin', 'outsider'].map((name) => `${name}@demo.example`);

/** Somebody's account at a provider; the username is the address of their mailbox. */
export interface Account extends Person {
  readonly firstName: string;
  readonly lastName: string;
}

/** The people of the org as one provider knows them. */
export function peopleOf<P extends Person>(org: SalesforceOrg, as: (user: OrgUser) => P): Policy<P>['people'] {
  const find = (username: string): P | undefined => {
    const user = org.findUser(username);
    return user && as(user);
  };
  return {
    find,
    byId: (id) => {
      const user = org.userById(id);
      return user && as(user);
    },
    list: () => demoPeople.map(find).filter((person) => person !== undefined),
  };
}

/** The account of an org's user elsewhere: leaving Salesforce does not close a mailbox. */
export function accountOf({ id, username, name, firstName, lastName }: OrgUser): Account {
  return { id, username, name, firstName, lastName, active: true };
}
