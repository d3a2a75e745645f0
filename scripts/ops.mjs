// @ts-check
/**
 * `npm run ops -- ...`: what operators do, each with two people's signatures (docs/runbook.md). Installs and builds what is
 * missing, then becomes the operators' program, with the settings of the environment.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, install, root } from './setup.mjs';

await install();
await build('backend');
await import(pathToFileURL(path.join(root, 'backend/dist/ops.js')).href);
