import { readFileSync } from 'node:fs';

/** A region that a customer's data can live in. One list for backend, package and trusted URLs: `config/regions.json`. */
export interface Region {
  /** `us`, `eu`, `asia`: as `OneShotOrg__c.HomeRegion__c` holds it. */
  readonly name: string;
  /** For a person. */
  readonly label: string;
  /** Origin of the region's backend, without a slash at the end. */
  readonly backendUrl: string;
  /** Where it runs, e.g. `eu-central-1`: a master key of another AWS region is refused. Needed with AWS KMS only. */
  readonly awsRegion?: string;
}

/** Same distance from `src/` and from `dist/`. */
const REGIONS_FILE = new URL('../../config/regions.json', import.meta.url);

/**
 * Reads the list of regions.
 * @throws TypeError when the file does not hold a list of regions with different names and https origins
 */
export function readRegions(file: URL = REGIONS_FILE): readonly Region[] {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(parsed) || parsed.length === 0 || !parsed.every(isRegion))
    throw new TypeError('config/regions.json is not a list of regions { name, label, backendUrl }');
  if (new Set(parsed.map(({ name }) => name)).size !== parsed.length)
    throw new TypeError('config/regions.json names a region twice');
  return parsed;
}

function isRegion(value: unknown): value is Region {
  if (typeof value !== 'object' || value === null) return false;
  const { name, label, backendUrl, awsRegion } = value as Readonly<Record<string, unknown>>;
  return (
    typeof name === 'string' &&
    /^[a-z]{2,16}$/.test(name) &&
    typeof label === 'string' &&
    label.length > 0 &&
    typeof backendUrl === 'string' &&
    URL.canParse(backendUrl) &&
    new URL(backendUrl).origin === backendUrl &&
    backendUrl.startsWith('https://') &&
    (awsRegion === undefined || (typeof awsRegion === 'string' && /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(awsRegion)))
  );
}
