import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { GivenCompany } from './accounts.ts';

const COLUMNS = ['Symbol', 'Security', 'GICS Sector', 'Headquarters Location'] as const;
const NAME = 'SANDBOX_ACCOUNTS_CSV';

/** Places that follow a city in the list and are countries; all others there are states of the United States. */
const COUNTRIES = new Set([
  'Bermuda',
  'Canada',
  'Ireland',
  'Netherlands',
  'Singapore',
  'Switzerland',
  'UK',
  'United Kingdom',
]);

/** GICS sectors in the words of the org's picklist; what has no word keeps its own. */
const SECTORS: ReadonlyMap<string, string> = new Map([
  ['Communication Services', 'Telecommunications'],
  ['Financials', 'Finance'],
  ['Health Care', 'Healthcare'],
  ['Industrials', 'Manufacturing'],
  ['Information Technology', 'Technology'],
]);

/**
 * Reads companies from a CSV file with the columns Symbol, Security, GICS Sector, Headquarters Location.
 * @throws Error with one line that names the setting, the file and what is wrong with it
 */
export function companiesFromCsv(file: string): GivenCompany[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${NAME}: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  let records: Record<string, string>[];
  try {
    records = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new Error(`${NAME}: ${file} is not well-formed CSV: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
  const first = records[0];
  if (first === undefined) throw new Error(`${NAME}: ${file} has no rows below the header`);
  const missing = COLUMNS.filter((column) => !(column in first));
  if (missing.length > 0)
    throw new Error(`${NAME}: ${file} has no column ${missing.map((one) => `"${one}"`).join(', ')}`);
  return records.map((record, index) => {
    const name = record.Security ?? '';
    if (name === '') throw new Error(`${NAME}: ${file}: row ${index + 2} has an empty "Security"`);
    const sector = record['GICS Sector'] ?? '';
    return {
      name,
      industry: SECTORS.get(sector) ?? sector,
      number: record.Symbol ?? '',
      ...placeOf(record['Headquarters Location'] ?? ''),
    };
  });
}

/** Takes the first of several headquarters, and drops the list's footnote marks, `Virginia[2]`. */
function placeOf(headquarters: string): { city: string | null; state: string | null; country: string | null } {
  const [first = ''] = headquarters.replace(/\[\d+\]/g, '').split(';');
  const parts = first.split(',').map((part) => part.trim());
  const [city = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (city === '' || city.toLowerCase() === 'none') return { city: null, state: null, country: null };
  if (COUNTRIES.has(last)) return { city, state: null, country: last === 'UK' ? 'United Kingdom' : last };
  return { city, state: parts.length > 1 ? last : null, country: 'United States' };
}
