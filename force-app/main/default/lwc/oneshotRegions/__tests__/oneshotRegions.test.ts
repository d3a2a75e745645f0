import { readFileSync } from 'node:fs';
import { backendUrlOf, defaultRegion, regionAt, regions } from 'c/oneshotRegions';

test('is the one list of regions', () => {
  const all = JSON.parse(readFileSync('config/regions.json', 'utf8')) as Record<string, string>[];
  // The rest of an entry is where its servers stand: nothing for a browser.
  expect(regions).toEqual(all.map(({ name, label, backendUrl }) => ({ name, label, backendUrl })));
  expect(backendUrlOf(defaultRegion)).toBe('https://us.api.oneshot.example');
});

test.each([
  ['https://eu.api.oneshot.example', 'eu'],
  ['https://eu.api.oneshot.example/v1', 'eu'],
  ['https://eu.api.oneshot.example.evil.example', undefined],
  ['https://eu.api.oneshot.example@evil.example', undefined],
  ['http://eu.api.oneshot.example', undefined],
  ['', undefined],
])('%s is the region %s', (url, name) => {
  expect(regionAt(url)?.name).toBe(name);
});
