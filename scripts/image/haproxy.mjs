// @ts-check
/** The image of HAProxy: the program of this system (Debian's), its libraries and deploy/'s configuration. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureHaproxy } from '../haproxy.mjs';
import { root } from '../setup.mjs';
import { buildFolder, read } from './engine.mjs';
import { fileComponent, hashesOf, put, putProgram, settle, writeBill } from './rootfs.mjs';

const context = path.join(root, '.cache/image-haproxy');
const rootfs = path.join(context, 'rootfs');
const FILES = ['haproxy.cfg', 'methods.map', 'parts.map'];

/** @param {string} tag */
export async function haproxyImage(tag) {
  const program = await ensureHaproxy();
  rmSync(context, { recursive: true, force: true });
  mkdirSync(rootfs, { recursive: true });
  const to = 'usr/sbin/haproxy';
  const libraries = putProgram(rootfs, program, to);
  for (const file of FILES) put(rootfs, path.join(root, 'deploy', file), `etc/haproxy/${file}`);
  settle(rootfs);
  const version = /version (\S+)/.exec(read(program, ['-v']))?.[1] ?? '';
  const sbom = path.join(context, 'sbom.cdx.json');
  writeBill(
    sbom,
    /** @type {any} */ ({
      $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      components: [
        { type: 'application', name: 'haproxy', version, hashes: hashesOf(path.join(rootfs, to)) },
        ...libraries.map((file) => fileComponent(rootfs, file)),
        ...FILES.map((file) => fileComponent(rootfs, `/etc/haproxy/${file}`)),
      ],
    }),
  );
  return { ...buildFolder(context, 'haproxy.Containerfile', tag, ['sbom.cdx.json']), sbom };
}
