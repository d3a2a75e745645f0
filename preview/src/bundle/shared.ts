import { createRequire } from 'node:module';
import type { Plugin, WarningHandlerWithDefault } from 'rollup';

const require = createRequire(import.meta.url);

/** The LWC compiler. Required, because its types describe an ES module where Node finds a CommonJS one. */
export const lwc = require('@lwc/rollup-plugin') as typeof import('@lwc/rollup-plugin').default;

/** What LWC and the base components ask of their bundler; without them the base components throw. */
const CONSTANTS = { 'process.env.NODE_ENV': '"production"', 'import.meta.env.SSR': 'false' };

/** Puts the constants into every module that names them. */
export function constants(): Plugin {
  return {
    name: 'constants',
    transform(code) {
      const names = Object.keys(CONSTANTS).filter((name) => code.includes(name));
      if (names.length === 0) return null;
      const replaced = Object.entries(CONSTANTS).reduce((text, [name, value]) => text.replaceAll(name, value), code);
      return { code: replaced, map: null };
    },
  };
}

/** Salesforce's own code is circular and warns about itself; what is unresolved is an error. */
export const quiet: WarningHandlerWithDefault = (warning) => {
  if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
};
