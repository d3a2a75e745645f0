import type { OrgSettings } from 'c/oneshotApi';
import { formatCount, formatNames } from 'c/oneshotFormat';
import { label } from './labels';

export { label as settingLabel } from './labels';

/** A setting that differs, in the user's words. */
export interface Difference {
  readonly name: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

export const productSources: Record<OrgSettings['products']['source'], string> = {
  none: label.productsNone,
  accountField: label.productsField,
  opportunityLines: label.productsLines,
  assets: label.productsAssets,
};

export const logChoices: Record<OrgSettings['logSendsToSalesforce'], string> = {
  never: label.logNever,
  ask: label.logAsk,
  always: label.logAlways,
};

/** Brand names: the same in every language. */
export const channelNames = { gmail: 'Gmail', outlook: 'Outlook', outreach: 'Outreach' } as const;

/** A region by itself, as a choice; in a sentence it is `regionLabel`. */
export function regionName(name: string): string {
  return (label as Record<string, string>)[name] ?? name;
}

const onOff = (on: boolean): string => (on ? label.on : label.off);

/** What each setting says, by name, in the order of the wizard. */
const said: readonly (readonly [name: string, label: string, say: (settings: OrgSettings) => string])[] = [
  ['payingField', label.payingField, (s) => s.payingField],
  ['products.source', label.productSource, (s) => productSources[s.products.source]],
  ['products.field', label.productField, (s) => s.products.field ?? label.none],
  ['sessionMinutes', label.session, (s) => formatCount(s.sessionMinutes)],
  ['cache.enabled', label.cache, (s) => onOff(s.cache.enabled)],
  ['cache.minutes', label.cacheMinutes, (s) => formatCount(s.cache.minutes)],
  [
    'channels',
    label.channels,
    ({ channels }) => {
      const names = (['gmail', 'outlook', 'outreach'] as const).filter((name) => channels[name]);
      return names.length === 0 ? label.none : formatNames(names.map((name) => channelNames[name]));
    },
  ],
  ['logSendsToSalesforce', label.logging, (s) => logChoices[s.logSendsToSalesforce]],
  ['mailFooterTemplateId', label.footer, (s) => s.mailFooterTemplateId ?? label.footerNone],
  ['sendsPerRepAndDay', label.sends, (s) => formatCount(s.sendsPerRepAndDay)],
  ['activityDays', label.activityDays, (s) => formatCount(s.activityDays)],
  ['homeRegion', label.region, (s) => regionName(s.homeRegion)],
];

/** What differs between two sets of settings. */
export function differences(before: OrgSettings, after: OrgSettings): Difference[] {
  return said
    .map(([name, text, say]) => ({ name, label: text, before: say(before), after: say(after) }))
    .filter((one) => one.before !== one.after);
}

/** The name of a setting that the backend did not take, as the wizard calls it. @param path `settings.cache.minutes` */
export function nameOfSetting(path: string): string {
  const name = path.replace(/^settings\./, '');
  return said.find(([known]) => known === name || name.startsWith(`${known}.`))?.[1] ?? name;
}
