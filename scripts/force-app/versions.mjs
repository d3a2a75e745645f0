// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The one place where the API version is pinned. @param {string} root @returns {string} */
export function apiVersion(root) {
  const project = JSON.parse(readFileSync(path.join(root, 'sfdx-project.json'), 'utf8'));
  return String(project.sourceApiVersion);
}

/** @param {string} root @returns {string[]} components that name another API version */
export function checkVersions(root) {
  const version = apiVersion(root);
  const folder = path.join(root, 'force-app', 'main');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js-meta.xml'))
    .flatMap((file) => {
      const found = /<apiVersion>([^<]*)<\/apiVersion>/.exec(readFileSync(path.join(folder, file), 'utf8'))?.[1];
      return found === version ? [] : [`${file}: apiVersion ${found ?? '(none)'} instead of ${version}`];
    });
}
