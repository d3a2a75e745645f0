import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rollup, type Plugin } from 'rollup';
import { paths } from '../paths.ts';
import { compressFolder } from './compress.ts';
import { readLabels } from './labels.ts';
import type { Platform } from './platform.ts';
import { pagesModule, readActions, readAppLabels, readPages, readTabs } from './pages.ts';
import { salesforceModules } from './salesforce-modules.ts';
import { constants, lwc, quiet } from './shared.ts';

/** Names of the files that index.html loads. */
export interface Site {
  script: string;
  styles: string[];
  preload: string[];
}

/**
 * Bundles the page, the stand-ins and the package's own components against the built base components, and writes the
 * site that the server serves. The old site is replaced in one step.
 */
export async function buildSite(platform: Platform): Promise<Site> {
  const draft = `${paths.site}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const site = await bundle(platform, draft);
  await writeFile(join(draft, 'page.css'), await readFile(join(paths.page, 'page.css')));
  const resources = join(paths.forceApp, 'staticresources');
  if (existsSync(resources)) await cp(resources, join(draft, 'resource'), { recursive: true });
  await compressFolder(draft);
  await cp(platform.folder, join(draft, 'platform', platform.name), { recursive: true });
  await writeFile(join(draft, 'site.json'), JSON.stringify(site));
  await rm(paths.site, { recursive: true, force: true });
  await rename(draft, paths.site);
  return site;
}

async function bundle(platform: Platform, folder: string): Promise<Site> {
  const base = `/platform/${platform.name}`;
  const build = await rollup({
    input: { app: join(paths.stage, 'preview/main/main.js') },
    onwarn: quiet,
    plugins: [
      builtPlatform(platform, base),
      pages(pagesModule(await readPages(), await readAppLabels(), await readTabs(), await readActions())),
      ownBackend(),
      salesforceModules(await readLabels(paths.forceApp)),
      lwc({
        rootDir: join(paths.stage, 'preview'),
        enableDynamicComponents: true,
        exclude: [`${platform.folder}/**`],
        modules: [{ dir: paths.stage }],
      }),
      constants(),
    ],
  });
  const { output } = await build.write({
    dir: folder,
    format: 'es',
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: false,
  });
  await build.close();
  const entry = output.find((file) => file.type === 'chunk' && file.isEntry);
  if (entry?.type !== 'chunk') throw new Error('Rollup wrote no entry');
  return {
    script: `/${entry.fileName}`,
    styles: [`${base}/slds2.css`, '/page.css'],
    preload: entry.imports.filter((file) => file.startsWith(base)),
  };
}

/**
 * Takes `lwc` and `lightning/*` from the built platform: the small module of each goes into the bundle, the chunk
 * behind it stays a file of its own. A module that is staged (a stand-in) wins over a base component.
 */
function builtPlatform(platform: Platform, base: string): Plugin {
  return {
    name: 'built-platform',
    resolveId(id, importer) {
      if (importer?.startsWith(platform.folder) === true && id.startsWith('.')) {
        return { id: `${base}/${id.replace(/^(\.\.?\/)+/, '')}`, external: true };
      }
      if (id === '@lwc/synthetic-shadow') return { id: `${base}/base.js`, external: true };
      if (!/^(lwc|lightning\/\w+)$/.test(id) || existsSync(join(paths.stage, id))) return null;
      const file = join(platform.folder, `${id}.js`);
      if (existsSync(file)) return file;
      return this.error(
        `The preview has no ${id}: lightning-base-components does not bring it, and preview/page/${id} is not there`,
      );
    },
  };
}

/** `preview/pages`: the components that the package's own pages place. */
function pages(code: string): Plugin {
  return {
    name: 'pages',
    resolveId: (id) => (id === 'preview/pages' ? '\0preview/pages' : null),
    load: (id) => (id === '\0preview/pages' ? code : null),
  };
}

/** Components that ask for the list of regions get the preview's, which wraps the package's. */
function ownBackend(): Plugin {
  const standIn = join(paths.stage, 'preview/regions/regions.js');
  return {
    name: 'own-backend',
    resolveId: (id, importer) => (id === 'c/oneshotRegions' && importer !== standIn ? standIn : null),
  };
}
