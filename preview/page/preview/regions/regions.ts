/** The package's list of regions with the preview's own backend put in: whatever region is asked, it answers. */
import * as packaged from 'c/oneshotRegions';
import { backendUrl } from 'preview/platform';

export const defaultRegion = packaged.defaultRegion;
export const regions = packaged.regions.map((region) => ({ ...region, backendUrl }));

export function backendUrlOf(name: string): string | undefined {
  return packaged.backendUrlOf(name) === undefined ? undefined : backendUrl;
}

/** A 421 names the region's real address; the region is found by it, its backend is still ours. */
export function regionAt(url: string): (typeof regions)[number] | undefined {
  const name = packaged.regionAt(url)?.name;
  return regions.find((region) => region.name === name);
}
