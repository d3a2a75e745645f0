/** Values in the order of the org's Setup, which is also how Salesforce sorts a picklist. */
export const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Biotechnology',
  'Construction',
  'Consulting',
  'Education',
  'Energy',
  'Engineering',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
] as const;

export const ACCOUNT_TYPES = ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Partner', 'Other'] as const;

export const STAGES = [
  'Prospecting',
  'Qualification',
  'Needs Analysis',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
] as const;

export const CURRENCIES = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK', 'BRL', 'ILS'] as const;

/** Units of the currency for one unit of the corporate currency, USD; as `CurrencyType.ConversionRate`. */
export const CONVERSION_RATES: Readonly<Record<(typeof CURRENCIES)[number], number>> = {
  USD: 1,
  EUR: 0.92,
  GBP: 0.79,
  JPY: 150,
  CHF: 0.88,
  SEK: 10.4,
  BRL: 5.1,
  ILS: 3.7,
};

export const PRODUCTS = [
  'Analytics',
  'Archive',
  'Assist',
  'Billing',
  'Capacity',
  'Connect',
  'Forecast',
  'Guard',
  'Insight',
  'Ledger',
  'Monitor',
  'Planner',
] as const;
