import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readMasterKeys } from './master-keys.js';
import { readRegions, type Region } from './regions.js';
import { RegionStack } from './region-stack.js';

/** One app, a stack for each region; nothing is shared between them. Findings of cdk-nag end the synthesis. */
export function createApp(
  regions: readonly Region[] = readRegions(),
  outdir?: string,
  keys = readMasterKeys(regions),
): App {
  const app = new App({ analyticsReporting: false, ...(outdir === undefined ? {} : { outdir }) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const region of regions)
    new RegionStack(app, `oneshot-${region.name}`, { region, masterKeyUses: keys.get(region.name) ?? [] });
  return app;
}

if (process.argv[1]?.endsWith('app.js') === true) createApp().synth();
