import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from '@swc/core';
import { rollup, type Plugin } from 'rollup';
import { paths } from '../paths.ts';
import { compressFolder } from './compress.ts';
import { platformModules } from './salesforce-modules.ts';
import { constants, lwc, quiet } from './shared.ts';

const require = createRequire(import.meta.url);
const lightning = join(paths.nodeModules, 'lightning-base-components/src/lightning');

/** Packages whose versions decide whether the built base components are still right. */
const BUILT_FROM = [
  'lwc',
  '@lwc/rollup-plugin',
  '@lwc/synthetic-shadow',
  'lightning-base-components',
  '@salesforce-ux/design-system-2',
  'rollup',
  '@swc/core',
];

/** The code that builds: another way of building makes another folder. */
const BUILT_BY = ['platform', 'salesforce-modules', 'shared'].map((name) =>
  fileURLToPath(new URL(`./${name}.js`, import.meta.url)),
);

/** The built base components: a folder with one small module for each of them and the chunks that these share. */
export interface Platform {
  /** Folder on disk; also the last part of its URL, `/platform/<name>`. */
  folder: string;
  name: string;
  /** True where nothing had to be built. */
  cached: boolean;
}

/**
 * Builds LWC's engine, the base components that are used and SLDS 2 once for each set of versions and components (some
 * 15 s), so that a change of ours shows in a second. The folder appears whole or not at all.
 */
export async function buildPlatform(): Promise<Platform> {
  const components = await usedComponents();
  const name = await fingerprint(components);
  const folder = join(paths.platformCache, name);
  if (existsSync(folder)) return { folder, name, cached: true };
  const draft = `${folder}.${process.pid}`;
  await rm(paths.platformCache, { recursive: true, force: true });
  await bundleComponents(components, draft);
  await writeFile(join(draft, 'slds2.css'), await slds());
  await compressFolder(draft);
  await rename(draft, folder);
  return { folder, name, cached: false };
}

async function fingerprint(components: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(components.join());
  for (const name of BUILT_FROM) {
    const { version } = JSON.parse(await readFile(join(paths.nodeModules, name, 'package.json'), 'utf8')) as {
      version: string;
    };
    hash.update(`${name}@${version}\n`);
  }
  for (const file of [...BUILT_BY, join(paths.stage, 'preview/platform/platform.js')])
    hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

async function bundleComponents(components: readonly string[], folder: string): Promise<void> {
  const bundle = await rollup({
    // Everything that is shared lies in the first entry, `base`; the others only pick their exports from it.
    input: {
      base: '@lwc/synthetic-shadow',
      lwc: 'lwc',
      ...Object.fromEntries(components.map((name) => [`lightning/${name}`, `lightning/${name}`])),
    },
    onwarn: quiet,
    plugins: [
      entriesAsImports(),
      syntheticShadowFirst(),
      leftToRight(),
      platformModules(),
      lwc({
        rootDir: join(paths.stage, 'preview'),
        enableDynamicComponents: true,
        modules: [{ npm: 'lightning-base-components' }, { npm: '@lwc/synthetic-shadow' }, { dir: paths.stage }],
      }),
      constants(),
      minified(),
    ],
  });
  await mkdir(folder, { recursive: true });
  await bundle.write({
    dir: folder,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // One chunk for all but the icons, which the base components load when they are first shown.
    manualChunks: (id) => (/iconSvgTemplates\w+/.test(id) ? undefined : 'base'),
  });
  await bundle.close();
}

/** Base components that the staged modules name, in a template or an import, and for which there is no stand-in. */
async function usedComponents(): Promise<string[]> {
  const files = await readdir(paths.stage, { recursive: true });
  const used = new Set<string>();
  for (const file of files.filter((name) => /\.(html|js)$/.test(name))) {
    const code = await readFile(join(paths.stage, file), 'utf8');
    for (const [, tag = ''] of code.matchAll(/<lightning-([a-z-]+)/g))
      used.add(tag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    for (const [, module = ''] of code.matchAll(/['"]lightning\/(\w+)['"]/g)) used.add(module);
  }
  return [...used]
    .filter(
      (name) => existsSync(join(lightning, name, `${name}.js`)) && !existsSync(join(paths.stage, 'lightning', name)),
    )
    .sort();
}

/** SLDS 2, Cosmos, minus the source map comment. */
async function slds(): Promise<string> {
  const file = require.resolve('@salesforce-ux/design-system-2/dist/css/bundled/slds2.cosmos.css');
  return (await readFile(file, 'utf8')).replace(/\/\*# sourceMappingURL=.*?\*\//g, '');
}

/** The LWC compiler resolves what a file imports, not what a bundle starts from. */
function entriesAsImports(): Plugin {
  return {
    name: 'entries-as-imports',
    resolveId(id, importer) {
      return importer === undefined ? this.resolve(id, join(paths.stage, 'preview/main/main.js')) : null;
    },
  };
}

/** The engine looks for the synthetic shadow once, when it is loaded; without it SLDS reaches no component. */
function syntheticShadowFirst(): Plugin {
  return {
    name: 'synthetic-shadow-first',
    transform(code, id) {
      return id.includes('/@lwc/engine-dom/') ? { code: `import '@lwc/synthetic-shadow';\n${code}`, map: null } : null;
    },
  };
}

/** Every icon comes once more for languages that are written from right to left; the preview has none of these. */
function leftToRight(): Plugin {
  return {
    name: 'left-to-right',
    resolveId(id, importer) {
      const [, mirrored] = /^lightning\/(iconSvgTemplates\w*)Rtl$/.exec(id) ?? [];
      return mirrored === undefined ? null : this.resolve(`lightning/${mirrored}`, importer);
    },
  };
}

function minified(): Plugin {
  return {
    name: 'minified',
    async renderChunk(code, chunk) {
      if (chunk.isEntry && chunk.name !== 'base') return null;
      return { code: (await minify(code, { module: true, compress: false, mangle: true })).code, map: null };
    },
  };
}
