import { relative } from 'node:path';
import { repository } from '../paths.ts';
import { buildSite } from './app.ts';
import { buildPlatform } from './platform.ts';
import { MissingInput, stageModules } from './stage.ts';

/** Builds the preview. Prints one JSON line; `tsc -b` and `tsc -p force-app` have run before. */
const startedAt = performance.now();
try {
  const modules = await stageModules();
  const platform = await buildPlatform();
  await buildSite(platform);
  const ms = Math.round(performance.now() - startedAt);
  process.stdout.write(
    `${JSON.stringify({ event: 'built', part: 'preview', modules: modules.length, baseComponents: platform.cached ? 'cached' : 'built', ms })}\n`,
  );
} catch (error) {
  process.stderr.write(`The preview cannot be built: ${explain(error)}\n`);
  process.exitCode = 1;
}

/** Mistakes in a component come from its compiler with a place; anything else is a fault of the build. */
function explain(error: unknown): string {
  if (error instanceof MissingInput) return error.message;
  const { filename, id, location, message } = error as Partial<Record<string, unknown>>;
  const file = filename ?? id;
  if (typeof file !== 'string' || typeof message !== 'string')
    return String(error instanceof Error ? error.stack : error);
  const line = (location as { line?: number } | undefined)?.line;
  return `${relative(repository, file)}${line === undefined ? '' : `:${line}`}: ${message}`;
}
