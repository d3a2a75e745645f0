import { readFileSync } from 'node:fs';

/** A row of config/regions.json, the one list of regions. */
export interface Region {
  readonly name: string;
  readonly label: string;
  readonly backendUrl: string;
  readonly awsRegion: string;
}

/** The list of the product. */
export const readRegions = (): readonly Region[] =>
  checkRegions(JSON.parse(readFileSync(new URL('../../config/regions.json', import.meta.url), 'utf8')) as Region[]);

/** @throws TypeError a region without an AWS region has no stack */
export function checkRegions(regions: readonly Region[]): readonly Region[] {
  for (const { name, awsRegion } of regions)
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(awsRegion ?? ''))
      throw new TypeError(`config/regions.json: region ${name} names no awsRegion`);
  return regions;
}

/** Three zones each: one may be lost without anybody noticing more than a slower first list. */
export const zonesOf = ({ awsRegion }: Region): string[] => ['a', 'b', 'c'].map((zone) => `${awsRegion}${zone}`);
