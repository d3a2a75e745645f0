import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/** A custom label in the languages that the package brings: `{ en_US: 'Refresh', de: 'Aktualisieren' }`. */
export type Label = Record<string, string>;

interface LabelsXml {
  CustomLabels?: { labels?: { fullName: string; language: string; value: string }[] };
}
interface TranslationsXml {
  Translations?: { customLabels?: { name: string; label?: string }[] };
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: true,
  isArray: (name) => name === 'labels' || name === 'customLabels',
});

/**
 * Reads the package's custom labels and their translations, as Salesforce does: a translation that is missing falls
 * back to the label itself.
 * @param folder force-app/main/default
 * @returns labels by name, without the namespace
 */
export async function readLabels(folder: string): Promise<Map<string, Label>> {
  const labels = new Map<string, Label>();
  for (const { content } of await parseAll(join(folder, 'labels'), '.labels-meta.xml')) {
    for (const { fullName, language, value } of (content as LabelsXml).CustomLabels?.labels ?? []) {
      labels.set(fullName, { [language]: value });
    }
  }
  for (const { file, content } of await parseAll(join(folder, 'translations'), '.translation-meta.xml')) {
    const language = basename(file).split('.')[0] ?? '';
    for (const { name, label } of (content as TranslationsXml).Translations?.customLabels ?? []) {
      const known = labels.get(name);
      if (known !== undefined && label !== undefined && label !== '') known[language] = label;
    }
  }
  return labels;
}

async function parseAll(folder: string, suffix: string): Promise<{ file: string; content: unknown }[]> {
  const files = await readdir(folder).catch(() => []);
  return Promise.all(
    files
      .filter((file) => file.endsWith(suffix))
      .map(async (file) => ({ file, content: parser.parse(await readFile(join(folder, file), 'utf8')) as unknown })),
  );
}
