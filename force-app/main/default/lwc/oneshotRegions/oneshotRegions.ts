// Made from config/regions.json by scripts/force-app.mjs: change it there.

/** Where an org's data may live, and the backend that serves it. */
export interface Region {
  readonly name: string;
  readonly label: string;
  readonly backendUrl: string;
}

export const regions: readonly Region[] = [
  { name: 'us', label: 'United States', backendUrl: 'https://us.api.oneshot.example' },
  { name: 'eu', label: 'Europe', backendUrl: 'https://eu.api.oneshot.example' },
  { name: 'asia', label: 'Asia', backendUrl: 'https://asia.api.oneshot.example' },
];

/** Taken where the org's own region cannot be read. */
export const defaultRegion = 'us';

export function backendUrlOf(name: string): string | undefined {
  return regions.find((region) => region.name === name)?.backendUrl;
}

/** The region whose backend has exactly this origin: an address that is not in the list is never followed. */
export function regionAt(url: string): Region | undefined {
  return regions.find((region) => url === region.backendUrl || url.startsWith(`${region.backendUrl}/`));
}
