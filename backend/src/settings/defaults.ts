import type { OrgSettings } from './settings.ts';

/** Settings of an org whose admin saved none (DESIGN 5). @param region where the org signed in */
export function defaultSettings(region: string): OrgSettings {
  return {
    payingField: 'ActiveARR__c',
    products: { source: 'none' },
    sessionMinutes: 60,
    cache: { enabled: true, minutes: 60 },
    logSendsToSalesforce: 'ask',
    channels: { gmail: true, outlook: true, outreach: true },
    mailFooterTemplateId: null,
    sendsPerRepAndDay: 200,
    activityDays: 730,
    homeRegion: region,
  };
}
