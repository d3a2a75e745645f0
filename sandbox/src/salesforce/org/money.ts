import type { Row } from './schema.ts';
import type { Table } from './table.ts';

interface MoneyOrg {
  readonly flags: { readonly multiCurrency: boolean };
  table(object: string): Table;
}

/**
 * Amounts in several currencies. Rates are read from `CurrencyType`, so changing a rate changes what is compared and
 * converted. One unit of the corporate currency is `ConversionRate` units of the other.
 */
export class Money {
  readonly #org: MoneyOrg;

  constructor(org: MoneyOrg) {
    this.#org = org;
  }

  /** Rates by ISO code, to be read once for a query. */
  rates(): ReadonlyMap<string, number> {
    const rates = new Map<string, number>();
    for (const { IsoCode: code, ConversionRate: rate } of this.#org.table('CurrencyType').rows()) {
      if (typeof code === 'string' && typeof rate === 'number' && rate > 0) rates.set(code, rate);
    }
    return rates;
  }

  /** The currency that all others are measured in. */
  corporate(): string {
    for (const { IsoCode: code, IsCorporate: corporate } of this.#org.table('CurrencyType').rows()) {
      if (corporate === true && typeof code === 'string') return code;
    }
    return 'USD';
  }

  /**
   * A function that gives an amount of a row in another currency, in major units and unrounded.
   * In an org with one currency the amount stays as it is.
   */
  converter(target: string): (amount: number, row: Row) => number {
    if (!this.#org.flags.multiCurrency) return (amount) => amount;
    const rates = this.rates();
    const home = this.corporate();
    const to = rates.get(target) ?? 1;
    return (amount, row) => {
      const code = typeof row.CurrencyIsoCode === 'string' ? row.CurrencyIsoCode : home;
      return code === target ? amount : (amount / (rates.get(code) ?? 1)) * to;
    };
  }
}
