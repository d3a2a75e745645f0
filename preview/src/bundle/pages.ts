import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { paths } from '../paths.ts';

/** A component as a FlexiPage places it. Decorators are what the utility bar itself reads: label, icon, size. */
interface Placement {
  component: string;
  properties: Record<string, string>;
  decorators: Record<string, string>;
}

/** What the package calls its app and the tab that opens its page. */
export interface AppLabels {
  app: string;
  tab: string;
}

/** A page of the package, as its metadata lays it out. */
export interface Page {
  name: string;
  type: string;
  /** Of a record page: for records of which object. */
  object?: string;
  placements: Placement[];
}

/** A record quick action of the package: a button in the head of the record page. */
export interface Action {
  object: string;
  label: string;
  component: string;
}

interface Property {
  name: string;
  type?: string;
  value?: string;
}
interface ComponentInstance {
  componentName: string;
  componentInstanceProperties?: Property[];
}
interface FlexiPageXml {
  FlexiPage: {
    type: string;
    sobjectType?: string;
    flexiPageRegions?: { itemInstances?: { componentInstance?: ComponentInstance }[] }[];
  };
}

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => ['flexiPageRegions', 'itemInstances', 'componentInstanceProperties'].includes(name),
});

/** Reads the package's FlexiPages, so that the preview shows the components where an org would show them. */
export async function readPages(): Promise<Page[]> {
  const folder = join(paths.forceApp, 'flexipages');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.flexipage-meta.xml'));
  return Promise.all(
    files.sort().map(async (file) => {
      const { FlexiPage } = parser.parse(await readFile(join(folder, file), 'utf8')) as FlexiPageXml;
      const instances = (FlexiPage.flexiPageRegions ?? [])
        .flatMap((region) => region.itemInstances ?? [])
        .flatMap(({ componentInstance }) => componentInstance ?? [])
        // Salesforce's own components, such as force:detailPanel: the preview draws that part of the page itself.
        .filter(({ componentName }) => !/^(?!c:)\w+:/.test(componentName));
      return {
        name: basename(file, '.flexipage-meta.xml'),
        type: FlexiPage.type,
        ...(FlexiPage.sobjectType !== undefined && { object: FlexiPage.sobjectType }),
        placements: instances.map(placement),
      };
    }),
  );
}

/** Reads the package's record quick actions that are Lightning Web Components. */
export async function readActions(): Promise<Action[]> {
  const folder = join(paths.forceApp, 'quickActions');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.quickAction-meta.xml'));
  const actions = await Promise.all(
    files.sort().map(async (file) => {
      const { QuickAction } = parser.parse(await readFile(join(folder, file), 'utf8')) as {
        QuickAction: { label?: string; lightningWebComponent?: string };
      };
      const [object = '', name = ''] = basename(file).split('.');
      const { label = name, lightningWebComponent: component } = QuickAction;
      return component === undefined ? [] : [{ object, label, component }];
    }),
  );
  return actions.flat();
}

/** Reads the labels of app and tab. */
export async function readAppLabels(): Promise<AppLabels> {
  const [app, tab] = await Promise.all(['applications', 'tabs'].map(firstLabel));
  return { app: app ?? 'OneShot', tab: tab ?? 'OneShot' };
}

/** A tab of the package's app and the page that it opens. */
export interface Tab {
  /** API name, as in the address. */
  name: string;
  label: string;
  /** Name of the FlexiPage. */
  page: string;
}

/** Reads the package's own tabs that open a page of its own, in the order of its app. Tabs of objects are Salesforce's to show. */
export async function readTabs(): Promise<Tab[]> {
  const folder = join(paths.forceApp, 'tabs');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.tab-meta.xml'));
  const tabs = await Promise.all(
    files.map(async (file) => {
      const { CustomTab } = parser.parse(await readFile(join(folder, file), 'utf8')) as {
        CustomTab: { label?: string; flexiPage?: string };
      };
      const { label, flexiPage: page } = CustomTab;
      return label === undefined || page === undefined ? [] : [{ name: basename(file, '.tab-meta.xml'), label, page }];
    }),
  );
  const order = await appTabs();
  return tabs.flat().sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function appTabs(): Promise<string[]> {
  const folder = join(paths.forceApp, 'applications');
  const [file] = (await readdir(folder).catch(() => [])).sort();
  const xml = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return [...xml.matchAll(/<tabs>([^<]+)<\/tabs>/g)].map(([, name = '']) => name);
}

async function firstLabel(folder: string): Promise<string | undefined> {
  const [file] = (await readdir(join(paths.forceApp, folder)).catch(() => [])).sort();
  if (file === undefined) return undefined;
  const xml = parser.parse(await readFile(join(paths.forceApp, folder, file), 'utf8')) as Record<
    string,
    { label?: string }
  >;
  return Object.values(xml).find((root) => root.label !== undefined)?.label;
}

function placement({ componentName, componentInstanceProperties = [] }: ComponentInstance): Placement {
  const of = (decorators: boolean): Record<string, string> =>
    Object.fromEntries(
      componentInstanceProperties
        .filter(({ type }) => (type === 'decorator') === decorators)
        .map(({ name, value = '' }) => [name, value]),
    );
  return { component: componentName.replace(/^c:/, ''), properties: of(false), decorators: of(true) };
}

/**
 * The module `preview/pages`: imports each placed component. Where the package brings no record page for an object, the
 * app page's components stand in the record page's column, which is where a customer may drag them.
 */
export function pagesModule(pages: Page[], labels: AppLabels, tabs: Tab[] = [], actions: Action[] = []): string {
  const app = pages.find(({ type }) => type === 'AppPage');
  const records = pages.filter(({ type }) => type === 'RecordPage');
  const bar = pages.find(({ type }) => type === 'UtilityBar');
  const placed = pages.flatMap(({ placements }) => placements.map(({ component }) => component));
  const components = [...new Set([...placed, ...actions.map(({ component }) => component)])];
  const list = (placements: Placement[] = []): string =>
    placements
      .map(({ component, properties }) => {
        return `{ name: ${JSON.stringify(component)}, constructor: ${component}, properties: ${JSON.stringify(properties)} }`;
      })
      .join(', ');
  const tab = ({ name, label, page }: Tab): string => {
    const placements = list(pages.find((one) => one.name === page)?.placements);
    return `{ name: ${JSON.stringify(name)}, label: ${JSON.stringify(label)}, placements: [${placements}] }`;
  };
  const utilities = (bar?.placements ?? []).map(({ component, properties, decorators }) => {
    const { label = component, icon = 'utility:apps', height = '480', width = '600', eager } = decorators;
    const rest = { label, icon, height: Number(height), width: Number(width), isEager: eager === 'true', properties };
    return `{ name: ${JSON.stringify(component)}, constructor: ${component}, ...${JSON.stringify(rest)} }`;
  });
  const recordPages = records.map(({ object = '', placements }) => `${JSON.stringify(object)}: [${list(placements)}]`);
  const buttons = actions.map(
    ({ object, label, component }) =>
      `{ object: ${JSON.stringify(object)}, label: ${JSON.stringify(label)}, constructor: ${component} }`,
  );
  return [
    ...components.map((component) => `import ${component} from 'c/${component}';`),
    `export const labels = ${JSON.stringify(labels)};`,
    `export const appPage = { placements: [${list(app?.placements)}] };`,
    `export const tabs = [${tabs.map(tab).join(', ')}];`,
    `export const recordPages = { ${recordPages.join(', ')} };`,
    `export const actions = [${buttons.join(', ')}];`,
    `export const utilities = [${utilities.join(', ')}];`,
  ].join('\n');
}
