import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rollup';
import { paths } from '../paths.ts';
import type { Label } from './labels.ts';

/** Without a leading NUL the LWC compiler would take a virtual module for a component. */
const PREFIX = '\0salesforce:';

/** What the page knows at run time: language, form factor, person. See page/preview/platform. */
const PLATFORM = JSON.stringify('preview/platform');

/**
 * Resolves `@salesforce/*` as an org would. Anything that the preview does not know stops the build, with its name.
 * @param labels the package's custom labels
 */
export function salesforceModules(labels: Map<string, Label>): Plugin {
  return {
    name: 'salesforce-modules',
    resolveId: (id) => (id.startsWith('@salesforce/') ? PREFIX + id : null),
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const code = moduleCode(id.slice(PREFIX.length), labels);
      return code ?? this.error(`The preview has no stand-in for ${id.slice(PREFIX.length)}`);
    },
  };
}

/** Locale data and form factor of the base components come from the page, too, with their own value as fallback. */
export function platformModules(): Plugin {
  return {
    name: 'platform-modules',
    resolveId(id) {
      if (id.includes('enableComboboxElementInternals')) return `${PREFIX}closed-gate`;
      return /^@salesforce\/(i18n|client)\//.test(id) ? PREFIX + id : null;
    },
    load(id) {
      // Synthetic shadow has no ElementInternals: with this gate open every combobox throws.
      if (id === `${PREFIX}closed-gate`) return 'export default { isOpen: () => false };';
      return id.startsWith(PREFIX) ? (moduleCode(id.slice(PREFIX.length), new Map()) ?? null) : null;
    },
  };
}

function moduleCode(id: string, labels: Map<string, Label>): string | undefined {
  const [, kind = '', name = ''] = /^@salesforce\/(\w+)\/(.+)$/.exec(id) ?? [];
  switch (kind) {
    case 'label': {
      const label = labels.get(name.replace(/^\w+\./, ''));
      return label && `import { pick } from ${PLATFORM}; export default pick(${JSON.stringify(label)});`;
    }
    case 'i18n':
      return withFallback(`i18n(${JSON.stringify(name)}`, `@salesforce-i18n-${name}.js`);
    case 'client':
      return `import { formFactor } from ${PLATFORM}; export default formFactor;`;
    case 'customPermission':
      return `import { permission } from ${PLATFORM}; export default permission(${JSON.stringify(name)});`;
    case 'user':
      return `import { user } from ${PLATFORM}; export default user(${JSON.stringify(name)});`;
    case 'schema':
      return `export default ${JSON.stringify(schemaReference(name))};`;
    case 'messageChannel':
      return `export default ${JSON.stringify({ channelName: name })};`;
    case 'resourceUrl':
      return existsSync(join(paths.forceApp, 'staticresources', name))
        ? `export default ${JSON.stringify(`/resource/${name}`)};`
        : undefined;
    default:
      return undefined;
  }
}

function withFallback(call: string, file: string): string | undefined {
  const fallback = join(paths.nodeModules, 'lightning-base-components/scopedImports', file);
  if (!existsSync(fallback)) return `import { i18n } from ${PLATFORM}; export default ${call});`;
  return `import { i18n } from ${PLATFORM}; import fallback from ${JSON.stringify(fallback)}; export default ${call}, fallback);`;
}

/** `Account.Name` is a field, `Account` an object; the shapes are those of `@salesforce/schema`. */
function schemaReference(name: string): { objectApiName: string; fieldApiName?: string } {
  const [objectApiName = '', ...field] = name.split('.');
  return field.length === 0 ? { objectApiName } : { fieldApiName: field.join('.'), objectApiName };
}
