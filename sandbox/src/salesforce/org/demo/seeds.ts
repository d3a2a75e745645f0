import { withChecksum, recordId } from '../ids.ts';
import { CONVERSION_RATES, CURRENCIES } from '../objects/picklists.ts';
import { datetimeText, type Row } from '../schema.ts';
import { accountRow, type GivenCompany } from './accounts.ts';
import { contactRows } from './contacts.ts';
import { PERMISSION_SETS } from '../permission-sets.ts';
import { ADMIN_ID, DEMO_PEOPLE, personId, stamps, userRow } from './people.ts';
import { productRows, revenueRows } from './revenue.ts';
import { folderRows, templateRows } from './templates.ts';

/** The id of the demo org, 18 characters. */
export const ORG_ID = withChecksum('00D5g0000012AbC');

const DAY = 86_400_000;
const YEAR = 365 * DAY;

export interface DemoOptions {
  /** How many accounts the org starts with. */
  readonly accounts: number;
  /** Companies that take the places of the invented ones. */
  readonly companies?: readonly GivenCompany[];
  /** Epoch milliseconds at the start of the day on which the org was made. */
  readonly today: number;
  /** Of the package; '' for none. */
  readonly namespace: string;
}

/** The rows that each object starts with, made when asked for. The same options give the same rows. */
export function demoSeeds({
  accounts,
  companies,
  today,
  namespace,
}: DemoOptions): Readonly<Record<string, () => Row[]>> {
  const count = companies?.length ?? accounts;
  const people = shared(() => contactRows(count, today));
  const revenue = shared(() => revenueRows(count, today));
  const made = stamps(today - 4 * YEAR, ADMIN_ID);
  return {
    Account: () => Array.from({ length: count }, (_unused, index) => accountRow(index, today, companies?.[index])),
    Contact: () => people().contacts,
    Individual: () => people().individuals,
    Opportunity: () => revenue().opportunities,
    OpportunityLineItem: () => revenue().lines,
    Asset: () => revenue().assets,
    Product2: () => productRows(today).products,
    PricebookEntry: () => productRows(today).entries,
    User: () => DEMO_PEOPLE.map((person, index) => userRow(personId(index), person, today - 3 * YEAR)),
    PermissionSet: () => [
      ...PERMISSION_SETS.map(({ name, label }, index) => ({
        Id: permissionSetId(index),
        Name: name,
        Label: label,
        NamespacePrefix: namespace === '' ? null : namespace,
        IsOwnedByProfile: false,
        ...made,
      })),
      ...DEMO_PEOPLE.map((person, index) => profileRow(profileId(index), person, made)),
    ],
    CustomPermission: () =>
      CUSTOM_PERMISSIONS.map((name) => ({
        Id: customPermissionId(name),
        DeveloperName: name,
        MasterLabel: name.replace('_', ' '),
        ...made,
      })),
    SetupEntityAccess: () => setupEntityAccess(made),
    CspTrustedSite: () => trustedSites(made),
    PermissionSetAssignment: () => assignments(made),
    Organization: () => [
      {
        Id: ORG_ID,
        Name: 'Demo Org',
        InstanceName: 'SBX1',
        IsSandbox: false,
        OrganizationType: 'Enterprise Edition',
        LanguageLocaleKey: 'en_US',
        TimeZoneSidKey: 'America/New_York',
        ...made,
      },
    ],
    CurrencyType: () => CURRENCIES.map((code, index) => currencyType(code, index, made)),
    DatedConversionRate: () => CURRENCIES.flatMap((code, index) => datedRates(code, index, today, made)),
    Folder: () => folderRows(made),
    EmailTemplate: () => templateRows(made),
  };
}

const permissionSetId = (index: number): string => recordId('0PS', index + 1);

const CUSTOM_PERMISSIONS = [...new Set(PERMISSION_SETS.flatMap(({ customPermissions }) => customPermissions))];

const customPermissionId = (name: string): string => recordId('0CP', CUSTOM_PERMISSIONS.indexOf(name) + 1);

function setupEntityAccess(made: Record<string, string>): Row[] {
  const pairs = PERMISSION_SETS.flatMap(({ customPermissions }, set) =>
    customPermissions.map((name) => ({ ParentId: permissionSetId(set), SetupEntityId: customPermissionId(name) })),
  );
  return pairs.map((pair, index) => ({
    Id: recordId('0J0', index + 1),
    ...pair,
    SetupEntityType: 'CustomPermission',
    ...made,
  }));
}

/** The package's trusted URLs, one for each region's backend. */
function trustedSites(made: Record<string, string>): Row[] {
  return ['us', 'eu', 'asia'].map((region, index) => ({
    Id: recordId('08y', index + 1),
    DeveloperName: `OneShot_${region}`,
    EndpointUrl: `https://${region}.api.oneshot.example`,
    IsActive: true,
    Context: 'LEX',
    IsApplicableToConnectSrc: true,
    ...made,
  }));
}

const profileId = (index: number): string => permissionSetId(PERMISSION_SETS.length + index);

/** The permission set that Salesforce keeps behind a profile. */
export function profileRow(id: string, { firstName, lastName }: Named, made: Record<string, string>): Row {
  return {
    Id: id,
    Name: `X00e${id.slice(4, 15)}`,
    Label: `Profile of ${firstName} ${lastName}`,
    IsOwnedByProfile: true,
    ...made,
  };
}

interface Named {
  readonly firstName: string;
  readonly lastName: string;
}

function assignments(made: Record<string, string>): Row[] {
  const pairs = DEMO_PEOPLE.flatMap(({ permissions }, person) =>
    PERMISSION_SETS.flatMap((set, index) =>
      permissions.some((permission) => permission === set.permission)
        ? [{ AssigneeId: personId(person), PermissionSetId: permissionSetId(index) }]
        : [],
    ),
  );
  const profiles = DEMO_PEOPLE.map((_person, index) => ({
    AssigneeId: personId(index),
    PermissionSetId: profileId(index),
  }));
  return [...pairs, ...profiles].map((pair, index) => ({ Id: recordId('0Pa', index + 1), ...pair, ...made }));
}

function currencyType(code: (typeof CURRENCIES)[number], index: number, made: Record<string, string>): Row {
  return {
    Id: recordId('01L', index + 1),
    IsoCode: code,
    ConversionRate: CONVERSION_RATES[code],
    DecimalPlaces: code === 'JPY' ? 0 : 2,
    IsActive: true,
    IsCorporate: code === 'USD',
    ...made,
  };
}

/** Two rates for each currency: last year's, a tenth higher, and the one that holds. */
function datedRates(
  code: (typeof CURRENCIES)[number],
  index: number,
  today: number,
  made: Record<string, string>,
): Row[] {
  const turn = datetimeText(today - YEAR).slice(0, 10);
  const start = datetimeText(today - 3 * YEAR).slice(0, 10);
  const rate = CONVERSION_RATES[code];
  const old = code === 'USD' ? 1 : Math.round(rate * 1.1 * 1_000_000) / 1_000_000;
  return [
    { IsoCode: code, StartDate: start, NextStartDate: turn, ConversionRate: old },
    { IsoCode: code, StartDate: turn, NextStartDate: '9999-12-31', ConversionRate: rate },
  ].map((row, half) => ({ Id: recordId('04w', index * 2 + half + 1), ...row, ...made }));
}

/** Makes something at the first call and hands out the same afterwards. */
function shared<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
