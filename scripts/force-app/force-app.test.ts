import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { check } from '../force-app.mjs';
import { checkLabels } from './labels.mjs';
import { checkBundles, checkPackageable, checkXml } from './metadata.mjs';
import { readRegions, staleRegionFiles } from './regions.mjs';
import { checkTargets } from './targets.mjs';
import { checkVersions } from './versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let copy: string;

/** A copy of the package in which something is wrong. */
function change(file: string, from: string, to: string): void {
  const target = path.join(copy, file);
  const text = readFileSync(target, 'utf8');
  expect(text).toContain(from);
  writeFileSync(target, text.replace(from, to));
}

beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'force-app-test-'));
  for (const part of ['force-app', 'config', 'sfdx-project.json']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
});
afterEach(() => {
  rmSync(copy, { recursive: true, force: true });
});

const main = 'force-app/main/default';

test('nothing is wrong with the package', async () => {
  await expect(check()).resolves.toEqual([]);
}, 120_000);

test('a region that was changed by hand, or in one place only, is found', () => {
  expect(staleRegionFiles(copy)).toEqual([]);
  change('config/regions.json', 'https://eu.', 'https://eu2.');
  expect(staleRegionFiles(copy)).toEqual([
    `${main}/lwc/oneshotRegions/oneshotRegions.ts`,
    `${main}/cspTrustedSites/OneShot_eu.cspTrustedSite-meta.xml`,
  ]);
});

test.each([
  ['https://us.api.oneshot.example', 'http://us.api.oneshot.example', /backendUrl of us must be an https origin/],
  ['https://us.api.oneshot.example', 'https://us.api.oneshot.example/v1', /without a path/],
  ['"us"', '"US!"', /must be 2-10 small letters/],
])('a list of regions with %s -> %s is refused', (from, to, message) => {
  change('config/regions.json', from, to);
  expect(() => readRegions(copy)).toThrow(message);
});

test('labels that are missing, left over, or differ in their places are found', () => {
  expect(checkLabels(copy)).toEqual([]);
  change(`${main}/translations/de.translation-meta.xml`, '<name>Refresh</name>', '<name>Refrehs</name>');
  change(`${main}/translations/de.translation-meta.xml`, '{0} von {1}', '{0}');
  change(`${main}/labels/CustomLabels.labels-meta.xml`, '<fullName>Clear</fullName>', '<fullName>Cleer</fullName>');
  expect(checkLabels(copy)).toEqual(
    expect.arrayContaining([
      'Label Refresh has no German text',
      'German label Refrehs translates nothing',
      expect.stringMatching(/ has other places to fill in German$/),
      expect.stringMatching(/: no label Clear$/),
      'Label Cleer is used nowhere',
    ]),
  );
});

test('a component of another API version is found', () => {
  change(`${main}/lwc/oneshotApi/oneshotApi.js-meta.xml`, '66.0', '65.0');
  expect(checkVersions(copy)).toEqual([expect.stringMatching(/oneshotApi.*apiVersion 65\.0 instead of 66\.0/)]);
});

test.each([
  [
    'cspTrustedSites/OneShot_us.cspTrustedSite-meta.xml',
    '<context>LEX<',
    '<context>LEXX<',
    /"LEXX" is none of All, LEX/,
  ],
  [
    'permissionsets/OneShot_Rep.permissionset-meta.xml',
    'hasActivationRequired>false',
    'hasActivationRequired>no',
    /true or false/,
  ],
  ['permissionsets/OneShot_Rep.permissionset-meta.xml', '<label>OneShot Rep</label>', '', /"label" is missing/],
  [
    'objects/OneShotKey__c/fields/Half__c.field-meta.xml',
    '<length>64</length>',
    '<lenght>64</lenght>',
    /no element "lenght"/,
  ],
  [
    'objects/OneShotKey__c/fields/Half__c.field-meta.xml',
    '<length>64</length>',
    '<length>x</length>',
    /must be a number/,
  ],
  ['tabs/OneShot.tab-meta.xml', '</CustomTab>', '<label>2</label></CustomTab>', /"label" may stand once only/],
])('%s with %s -> %s is found', (file, from, to, message) => {
  change(`${main}/${file}`, from, to);
  expect(checkXml(copy).join('\n')).toMatch(message);
});

test('a property that App Builder cannot offer, or a component without words, is found', () => {
  const description = `${main}/lwc/oneshotWorkspace/oneshotWorkspace.js-meta.xml`;
  for (const [from, to, message] of [
    ['name="pageSize"', 'name="pagesize"', /the component takes no "pagesize"/],
    ['type="Integer"', 'type="Number"', /"pageSize" is of no kind that App Builder knows: "Number"/],
    ['default="50"', 'default="500"', /"pageSize" needs whole numbers with min <= default <= max/],
    ['default="false"', 'default="true"', /"hideFilters" must be off at first/],
    ['label="Columns"', 'label=""', /"columns" has no label/],
    ['lightning__HomePage">', 'lightning__RecordPage">', /"lightning__RecordPage" is not among its targets/],
    ['<masterLabel>OneShot: My customers</masterLabel>', '', /it has no masterLabel/],
  ] as const) {
    expect(checkTargets(copy)).toEqual([]);
    change(description, from, to);
    expect(checkTargets(copy).join('\n')).toMatch(message);
    cpSync(path.join(root, description), path.join(copy, description));
  }
});

test('an icon that is missing, or is more than a drawing, is found', () => {
  const icon = path.join(copy, main, 'lwc/oneshotPeople/oneshotPeople.svg');
  const found = (drawing: string): string => {
    writeFileSync(icon, drawing);
    return checkTargets(copy).join('\n');
  };
  const svg = (inside: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">${inside}</svg>`;
  expect(found(svg('<path d="M0 0"/>'))).toBe('');
  expect(found(svg('<script>1</script>'))).toMatch(/script is no part of an icon/);
  expect(found(svg('<path onload="1" d="M0 0"/>'))).toMatch(/an attribute is no part of an icon/);
  expect(found(svg('<image href="https://x.example"/>'))).toMatch(/image is no part of an icon/);
  expect(found('<svg viewBox="0 0 24 24"></svg>')).toMatch(/drawn on 100 by 100/);
  rmSync(icon);
  expect(checkTargets(copy)).toEqual(['lwc/oneshotPeople: App Builder offers it, and it has no oneshotPeople.svg']);
});

test('what a package cannot hold is found: key and secret of the app, policies of the subscriber, an app for one org', () => {
  expect(checkPackageable(copy)).toEqual([]);
  for (const file of ['A.ecaGlblOauth', 'A.ecaOauthPlcy', 'Admin.profile'])
    writeFileSync(path.join(copy, main, `${file}-meta.xml`), '<x/>');
  change(`${main}/externalClientApps/OneShot.eca-meta.xml`, 'Packaged', 'Local');
  expect(checkPackageable(copy)).toEqual([
    'default/A.ecaGlblOauth-meta.xml: cannot be in a package',
    'default/A.ecaOauthPlcy-meta.xml: cannot be in a package',
    'default/Admin.profile-meta.xml: cannot be in a package',
    'default/externalClientApps/OneShot.eca-meta.xml: distributionState must be Packaged',
  ]);
});

test('a bundle is a class or module, or CSS alone that others share; half of one is found', () => {
  const bundle = (name: string, files: string[]): void => {
    const folder = path.join(copy, 'main/default/lwc', name);
    mkdirSync(folder, { recursive: true });
    for (const file of files) writeFileSync(path.join(folder, file), '');
  };
  bundle('whole', ['whole.js', 'whole.html', 'whole.css', 'whole.js-meta.xml']);
  bundle('look', ['look.css', 'look.js-meta.xml']);
  expect(checkBundles(copy)).toEqual([]);
  bundle('half', ['half.html', 'half.css', 'half.js-meta.xml']);
  bundle('bare', ['bare.css']);
  bundle('typed', ['typed.js', 'typed.ts', 'typed.js-meta.xml']);
  expect(checkBundles(copy).sort()).toEqual([
    'lwc/bare: bare.js-meta.xml is missing',
    'lwc/half: half.js is missing',
    'lwc/typed/typed.ts: an org does not take this file',
  ]);
});
