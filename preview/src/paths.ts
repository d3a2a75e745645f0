import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository; this file lies two folders below it, as source and as built. */
export const repository = fileURLToPath(new URL('../../', import.meta.url));

const at = (...parts: string[]): string => resolve(repository, ...parts);

/** Where the preview's build reads and writes. Absolute paths. */
export const paths = {
  /** The package that is shown: templates, styles, labels. */
  forceApp: at('force-app/main/default'),
  /** Says where `tsc -p force-app` puts its JavaScript. */
  forceAppConfig: at('force-app/tsconfig.json'),
  /** The Lightning-like page and the stand-ins: source, and what tsc emitted of it. */
  page: at('preview/page'),
  pageEmitted: at('preview/dist/page'),
  /** Modules as the LWC compiler wants them: `<namespace>/<name>/<name>.js` beside its template and styles. */
  stage: at('.cache/preview/modules'),
  /** Built base components, one folder per version of what they are built from. */
  platformCache: at('.cache/preview/platform'),
  /** What the server serves. */
  site: at('preview/dist/site'),
  nodeModules: at('node_modules'),
};
