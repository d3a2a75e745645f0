// @ts-check
/** What every image from scratch is filled with: a program, the libraries that it names, and a bill of what is in it. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { read } from './engine.mjs';

/** @param {string} rootfs @param {string} file @param {string} to a path in the image */
export function put(rootfs, file, to) {
  const target = path.join(rootfs, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(realpathSync(file), target, { recursive: true, dereference: true });
}

/**
 * A program and the shared libraries that it names, at the places where the loader looks.
 * @param {string} rootfs @param {string} program @param {string} to a path in the image
 * @returns {string[]} the libraries, as they are called in the image
 */
export function putProgram(rootfs, program, to) {
  put(rootfs, program, to);
  const libraries = [...read('ldd', [program]).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file ?? '');
  for (const library of libraries) put(rootfs, library, library.slice(1));
  return libraries;
}

/** Times and rights of files are part of a layer: the same for everybody. @param {string} folder */
export function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) settle(file);
    else if (!entry.isSymbolicLink()) chmodSync(file, /(?:\/s?bin\/[a-z]+|\.so[.\d]*)$/.test(file) ? 0o755 : 0o644);
    lutimesSync(file, 0, 0);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, 0, 0);
}

/** As CycloneDX lists a file. @param {string} rootfs @param {string} file */
export const fileComponent = (rootfs, file) => ({
  type: 'file',
  name: file,
  hashes: hashesOf(path.join(rootfs, file)),
});

/** @param {string} file */
export const hashesOf = (file) => [
  { alg: 'SHA-256', content: createHash('sha256').update(readFileSync(file)).digest('hex') },
];

/**
 * Writes a bill of materials (CycloneDX). Its number is made of its content, and it has no time: the same input gives the
 * same bill.
 * @param {string} file @param {{ serialNumber?: string, metadata?: { timestamp?: string } }} bill
 */
export function writeBill(file, bill) {
  delete bill.serialNumber;
  delete bill.metadata?.timestamp;
  const digest = createHash('sha256').update(JSON.stringify(bill)).digest('hex');
  // A UUID of version 8 (RFC 9562), whose bits are ours to choose.
  const number = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`];
  const serialNumber = `urn:uuid:${[...number, digest.slice(20, 32)].join('-')}`;
  writeFileSync(file, `${JSON.stringify({ ...bill, serialNumber }, undefined, 2)}\n`);
}
