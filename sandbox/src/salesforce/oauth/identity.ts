import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import { identityUrl } from './policy.ts';

/** Custom permissions that are linked to the app; others of the user are not told (FACTS A, "Identity"). */
const appPermissions = ['OneShot_User', 'OneShot_Admin'];

/** The answer of `/id/{org}/{user}`; `custom_permissions` only with that scope. */
export function identity(of: {
  baseUrl: string;
  org: SalesforceOrg;
  user: OrgUser;
  scopes: readonly string[];
  now: number;
}): Record<string, unknown> {
  const { baseUrl, org, user } = of;
  const url = identityUrl(baseUrl, org, user);
  const rest = `${baseUrl}/services/data/v{version}/`;
  const soap = (kind: string) => `${baseUrl}/services/Soap/${kind}/{version}/${org.id.slice(0, 15)}`;
  return {
    id: url,
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    nick_name: user.username.split('@')[0],
    display_name: user.name,
    email: user.email,
    email_verified: true,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: user.timezone,
    photos: { picture: `${baseUrl}/profilephoto/005/F`, thumbnail: `${baseUrl}/profilephoto/005/T` },
    addr_street: null,
    addr_city: null,
    addr_state: null,
    addr_country: null,
    addr_zip: null,
    mobile_phone: null,
    mobile_phone_verified: false,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: {
      enterprise: soap('c'),
      metadata: soap('m'),
      partner: soap('u'),
      rest,
      sobjects: `${rest}sobjects/`,
      search: `${rest}search/`,
      query: `${rest}query/`,
      recent: `${rest}recent/`,
      profile: `${baseUrl}/${user.id}`,
      custom_domain: baseUrl,
    },
    active: user.active,
    user_type: 'STANDARD',
    language: user.language,
    locale: user.locale,
    utcOffset: utcOffsetMs(user.timezone, of.now),
    last_modified_date: '2026-11-02T08:00:00Z',
    is_app_installed: org.flags.appInstalled,
    ...(of.scopes.includes('custom_permissions')
      ? {
          custom_permissions: Object.fromEntries(
            appPermissions
              .filter((name) => user.permissions.has(name))
              .map((name) => [org.namespace === '' ? name : `${org.namespace}__${name}`, true]),
          ),
        }
      : {}),
  };
}

/** The answer of userinfo (OpenID Connect Core, 5.3). */
export function userinfo(baseUrl: string, org: SalesforceOrg, user: OrgUser): Record<string, unknown> {
  return {
    sub: identityUrl(baseUrl, org, user),
    user_id: user.id,
    organization_id: org.id,
    preferred_username: user.username,
    nickname: user.username.split('@')[0],
    name: user.name,
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: user.timezone,
    photos: { picture: `${baseUrl}/profilephoto/005/F`, thumbnail: `${baseUrl}/profilephoto/005/T` },
    profile: `${baseUrl}/${user.id}`,
    active: user.active,
    user_type: 'STANDARD',
    language: user.language,
    locale: user.locale,
  };
}

/** How far a time zone is from UTC without daylight saving, as Salesforce gives it: milliseconds, west is negative. */
function utcOffsetMs(timezone: string, now: number): number {
  const year = new Date(now).getUTCFullYear();
  // One half of the year is standard time, which is the smaller offset; which half depends on the hemisphere.
  return Math.min(...[0, 6].map((month) => offsetAt(timezone, new Date(Date.UTC(year, month, 1)))));
}

function offsetAt(timezone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d{2}):(\d{2})$/.exec(name);
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}
