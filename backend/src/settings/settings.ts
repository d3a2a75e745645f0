/** Settings of an org (DESIGN 5). Names of fields only; no value of the CRM. */
export interface OrgSettings {
  readonly payingField: string;
  readonly products: {
    readonly source: 'none' | 'accountField' | 'opportunityLines' | 'assets';
    readonly field?: string;
  };
  /** Minutes, 5-720. */
  readonly sessionMinutes: number;
  /** Minutes 1-60. */
  readonly cache: { readonly enabled: boolean; readonly minutes: number };
  readonly logSendsToSalesforce: 'never' | 'ask' | 'always';
  readonly channels: { readonly gmail: boolean; readonly outlook: boolean; readonly outreach: boolean };
  readonly mailFooterTemplateId: string | null;
  readonly sendsPerRepAndDay: number;
  readonly activityDays: number;
  readonly homeRegion: string;
}
