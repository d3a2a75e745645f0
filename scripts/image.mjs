// @ts-check
/**
 * Builds an image from scratch, with Docker where its daemon answers, else with buildah. The same input gives the same image.
 *   npm run image -- [--tag oneshot-backend:dev]              the backend
 *   npm run image -- haproxy [--tag oneshot-haproxy:dev]      the balancer
 * Beside it, in .cache/image or .cache/image-haproxy: sbom.cdx.json, the software bill of materials (CycloneDX).
 */
import path from 'node:path';
import { backendImage } from './image/backend.mjs';
import { haproxyImage } from './image/haproxy.mjs';
import { install, root } from './setup.mjs';

try {
  const [, , first = '--tag'] = process.argv;
  const isHaproxy = first === 'haproxy';
  if (!isHaproxy && first !== '--tag') throw new Error(`npm run image builds the backend, or haproxy, not "${first}"`);
  const index = process.argv.indexOf('--tag');
  const tag = index < 0 ? `oneshot-${isHaproxy ? 'haproxy' : 'backend'}:dev` : (process.argv[index + 1] ?? '');
  await install();
  const { engine, id, sbom } = await (isHaproxy ? haproxyImage(tag) : backendImage(tag));
  process.stdout.write(`${tag} ${id} (${engine})\nsoftware bill of materials: ${path.relative(root, sbom)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
