import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { paths } from '../paths.ts';

/** Folders that become one LWC namespace: the emitted JavaScript, and beside it what tsc does not copy. */
interface Source {
  namespace: string;
  emitted: string;
  source: string;
}

/** Thrown where a part of the build has not run yet, or is not there at all. */
export class MissingInput extends Error {}

/**
 * Puts emitted JavaScript, templates and styles side by side, as the LWC compiler wants them, so that what is shown
 * is what is deployed. Files that did not change keep their time; files that went away are removed.
 * @returns the namespaces and module names that are staged, sorted, as `c/oneshotWorkspace`
 */
export async function stageModules(): Promise<string[]> {
  const wanted = new Map<string, string>();
  for (const source of await sources()) await collect(source, wanted);
  await removeOthers(new Set(wanted.keys()));
  for (const [to, from] of wanted) await copyIfChanged(from, to);
  const names = [...wanted.keys()].map((file) => relative(paths.stage, dirname(file)));
  return [...new Set(names)].filter((name) => name.split('/').length === 2).sort();
}

async function sources(): Promise<Source[]> {
  const namespaces = ['preview', 'lightning'];
  return [
    { namespace: 'c', emitted: await emittedLwcFolder(), source: join(paths.forceApp, 'lwc') },
    ...namespaces.map((namespace) => ({
      namespace,
      emitted: join(paths.pageEmitted, namespace),
      source: join(paths.page, namespace),
    })),
  ];
}

/** The folder of emitted LWCs: `outDir` of force-app's tsconfig, mirrored from its `rootDir`. */
async function emittedLwcFolder(): Promise<string> {
  const config = JSON.parse(await readFile(paths.forceAppConfig, 'utf8').catch(() => '{}')) as {
    compilerOptions?: { outDir?: string; rootDir?: string };
  };
  const { outDir, rootDir } = config.compilerOptions ?? {};
  if (outDir === undefined) throw new MissingInput(`${paths.forceAppConfig}: compilerOptions.outDir is missing`);
  const folder = dirname(paths.forceAppConfig);
  const mirrored = relative(resolve(folder, rootDir ?? '.'), join(paths.forceApp, 'lwc'));
  return resolve(folder, outDir, mirrored);
}

async function collect({ namespace, emitted, source }: Source, wanted: Map<string, string>): Promise<void> {
  for (const [folder, keep] of [
    [source, /\.(html|css|json)$/],
    [emitted, /\.js$/],
  ] as const) {
    const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
      throw new MissingInput(`${folder} is not there: run "npm run build"`);
    });
    for (const file of files) {
      const from = join(file.parentPath, file.name);
      if (!file.isFile() || !keep.test(file.name) || /__(tests|mocks)__/.test(from)) continue;
      wanted.set(join(paths.stage, namespace, relative(folder, from)), from);
    }
  }
}

async function copyIfChanged(from: string, to: string): Promise<void> {
  const [next, present] = await Promise.all([readFile(from), readFile(to).catch(() => undefined)]);
  if (present?.equals(next) === true) return;
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, next);
}

async function removeOthers(wanted: Set<string>): Promise<void> {
  const files = await readdir(paths.stage, { recursive: true }).catch(() => []);
  for (const file of files) {
    const path = join(paths.stage, file);
    if (wanted.has(path) || (await stat(path)).isDirectory()) continue;
    await rm(path);
  }
}

/** Copies a folder of static files whole. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
}
