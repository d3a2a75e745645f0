import { createRequire } from 'node:module';
import tseslint from 'typescript-eslint';

const require = createRequire(import.meta.url);
const lwc = require('@salesforce/eslint-config-lwc/recommended');

const nodeTypeScript = ['backend', 'sandbox', 'embedded-mongodb', 'preview', 'e2e', 'bench'].map(
  (folder) => `${folder}/**/*.ts`,
);

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/build/**',
      'node_modules/**',
      '.data/**',
      'coverage/**',
      'test-results/**',
      '.cache/**',
    ],
  },
  {
    files: nodeTypeScript,
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // There are no enums, and no instances of classes but those that a constructor made: two slow rules for nothing.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // Fastify wants plugins and hooks to be async functions even where they await nothing.
    files: ['backend/**/*.ts', 'sandbox/**/*.ts', 'preview/**/*.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    // Loops over typed arrays stay inside them by construction: `?? 0` on each byte would cost time and hide a mistake.
    files: ['backend/src/accounts/list/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // Made-up data in arrays of known length: a missing value would show in every figure.
    files: ['bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['backend/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-console': 'error' },
  },
  ...lwc.map((config) => ({ ...config, files: ['force-app/**/*.ts'] })),
  {
    files: ['force-app/**/*.ts'],
    extends: [...tseslint.configs.strict],
    rules: {
      // Components never log.
      'no-console': 'error',
      // A promise that nobody waits for is marked so; TypeScript knows about missing returns.
      'no-void': 'off',
      'consistent-return': 'off',
      // Retries and polls wait for each other on purpose; expiry, debounce and minute ticks are timers by nature.
      'no-await-in-loop': 'off',
      '@lwc/lwc/no-async-operation': 'off',
    },
  },
  {
    // A page of its own for each test: modules are loaded afresh, which only require() can.
    files: ['force-app/**/__tests__/**', 'force-app/test/**'],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      'jest/no-standalone-expect': 'off',
      // Prettier takes the parentheses away that this rule wants.
      'no-confusing-arrow': 'off',
      'jest/expect-expect': ['warn', { assertFunctionNames: ['expect', 'bench.expect*'] }],
    },
  },
  {
    // Declarations of the platform's modules: they name types that a component could not import.
    files: ['force-app/types/**'],
    rules: { '@lwc/lwc/no-disallowed-lwc-imports': 'off' },
  },
);
