const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');

const swc = [
  '@swc/jest',
  {
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: false } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

/** A Node workspace: ES modules as they run in production, only the types are taken off. */
const node = (name) => ({
  displayName: name,
  rootDir: `${__dirname}/${name}`,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...(process.env.ONESHOT_DEEP ? [] : ['\\.deep\\.test\\.ts$'])],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
});

module.exports = {
  // Generous, so that a busy machine does not fail what is right: nothing here is measured by time.
  testTimeout: 240_000,
  // Each file leaves something behind in its worker.
  workerIdleMemoryLimit: '1GB',
  projects: [
    {
      ...jestConfig,
      displayName: 'force-app',
      runtime: `${__dirname}/scripts/jest-runtime.cjs`,
      rootDir: __dirname,
      roots: ['<rootDir>/force-app'],
      // css: what components share is a module of its own.
      moduleFileExtensions: ['ts', 'js', 'html', 'json', 'css'],
      setupFilesAfterEnv: [`${__dirname}/force-app/test/setup.ts`],
      // sfdx-lwc-jest has no stubs for these.
      moduleNameMapper: {
        '^lightning/(actions|messageService|modal|platformUtilityBarApi)$': `${__dirname}/force-app/test/lightning/$1.ts`,
      },
    },
    node('embedded-mongodb'),
    node('sandbox'),
    { ...node('backend'), globalSetup: `${__dirname}/scripts/sandbox-host.mjs` },
    node('preview'),
    node('scripts'),
    { ...node('e2e'), setupFilesAfterEnv: ['<rootDir>/setup.ts'] },
  ],
};
