/**
 * What Lightning knows about person, language and device, for `@salesforce/i18n`, `client`, `user` and
 * `customPermission`. Pure, because the base components carry a copy of their own.
 */

/** Written into the page by the server. */
interface PageConfig {
  backendUrl: string;
  userId: string;
  permissions: string[];
}

const isServedPage = typeof document !== 'undefined';

function readConfig(): PageConfig {
  const text = isServedPage ? document.getElementById('preview-config')?.textContent : undefined;
  return text ? (JSON.parse(text) as PageConfig) : { backendUrl: '', userId: '', permissions: [] };
}

const config = readConfig();
const language = isServedPage && document.documentElement.lang === 'de' ? 'de' : 'en_US';

/** Where the backend answers; stands in for the package's list of regions. */
export const backendUrl = config.backendUrl;

/** Large on a desktop, Small on a phone, as Lightning decides it once, when the page loads. */
export const formFactor = isServedPage && window.innerWidth < 768 ? 'Small' : 'Large';

const german: Record<string, unknown> = {
  locale: 'de-DE',
  lang: 'de',
  currency: 'EUR',
  firstDayOfWeek: 2,
  'number.currencyFormat': '#,##0.00 ¤',
  'number.currencySymbol': '€',
  'number.decimalSeparator': ',',
  'number.groupingSeparator': '.',
  'number.percentFormat': '#,##0 %',
  'dateTime.shortDateFormat': 'dd.MM.yyyy',
  'dateTime.mediumDateFormat': 'dd.MM.yyyy',
  'dateTime.longDateFormat': 'd. MMMM yyyy',
  'dateTime.shortTimeFormat': 'HH:mm',
  'dateTime.mediumTimeFormat': 'HH:mm:ss',
  'dateTime.shortDateTimeFormat': 'dd.MM.yyyy HH:mm',
  'dateTime.mediumDateTimeFormat': 'dd.MM.yyyy HH:mm:ss',
  'dateTime.longDateTimeFormat': "d. MMMM yyyy 'um' HH:mm:ss z",
};

/**
 * A value of `@salesforce/i18n`. The time zone is the browser's, everything else follows the page's language.
 * @param fallback what lightning-base-components brings, American English
 */
export function i18n(name: string, fallback?: unknown): unknown {
  if (name === 'timeZone') return Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (language === 'de' ? german[name] : undefined) ?? fallback;
}

/** The label in the page's language; a missing translation falls back to English, as in Salesforce. */
export function pick(label: Record<string, string>): string {
  return label[language] ?? label.en_US ?? '';
}

/** `true` or undefined, as `@salesforce/customPermission` answers. */
export function permission(name: string): true | undefined {
  return config.permissions.includes(name) || undefined;
}

/** `@salesforce/user/Id` and `isGuest`. */
export function user(name: string): unknown {
  return name === 'Id' ? config.userId : false;
}
