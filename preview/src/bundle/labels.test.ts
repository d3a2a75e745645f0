import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readLabels } from './labels.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labels-'));
  await mkdir(join(folder, 'labels'));
  await mkdir(join(folder, 'translations'));
});
afterEach(() => rm(folder, { recursive: true }));

const label = (name: string, value: string): string =>
  `<labels><fullName>${name}</fullName><language>en_US</language><protected>true</protected><value>${value}</value></labels>`;

test('labels carry their translations; what is not translated stays in its language', async () => {
  const xml = `<CustomLabels>${label('Open', 'Open')}${label('Count', '{0} &amp; more')}</CustomLabels>`;
  await writeFile(join(folder, 'labels/CustomLabels.labels-meta.xml'), xml);
  const german = '<Translations><customLabels><label>Öffnen</label><name>Open</name></customLabels></Translations>';
  await writeFile(join(folder, 'translations/de.translation-meta.xml'), german);
  const labels = await readLabels(folder);
  expect(labels.get('Open')).toEqual({ en_US: 'Open', de: 'Öffnen' });
  expect(labels.get('Count')).toEqual({ en_US: '{0} & more' });
});

test('a label that looks like a number stays text', async () => {
  await writeFile(join(folder, 'labels/A.labels-meta.xml'), `<CustomLabels>${label('Year', '2026')}</CustomLabels>`);
  expect((await readLabels(folder)).get('Year')).toEqual({ en_US: '2026' });
});

test('a package without labels has none', async () => {
  expect((await readLabels(join(folder, 'nowhere'))).size).toBe(0);
});
