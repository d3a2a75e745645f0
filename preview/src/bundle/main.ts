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
  if (!(error instanceof MissingInput)) throw error;
  process.stderr.write(`The preview cannot be built: ${error.message}\n`);
  process.exitCode = 1;
}
