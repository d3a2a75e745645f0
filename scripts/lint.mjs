// @ts-check
/**
 * What reads the code without running it. `npm run lint` runs all and prints a line for each; `npm test` counts them.
 */
import path from 'node:path';
import { build, install, isMain, output, root, run } from './setup.mjs';

/** @param {string} name @param {string[]} args */
const tool = (name, ...args) => run(process.execPath, [path.join(root, 'node_modules', name), ...args]);

/**
 * Salesforce's linter for SLDS 2, offline. It warns at each hook without a fallback, which we leave out on purpose (a
 * fallback would not follow dark mode or a customer's brand), so only errors are shown and count.
 */
async function slds() {
  const linter = path.join(root, 'node_modules/.bin/slds-linter');
  const { code, stdout, stderr } = await output(process.execPath, [linter, 'lint', 'force-app']);
  if (code === 0 && /\b0 errors\b/.test(stdout + stderr)) return;
  const lines = (stdout + stderr).split('\n').filter((line) => !line.includes('no-slds-var-without-fallback'));
  process.stderr.write(`${lines.join('\n')}\n`);
  throw new Error(`slds-linter found errors (exit code ${code})`);
}

/** Where .dependency-cruiser.cjs says who may import whom. */
const CRUISED = ['backend/src', 'sandbox/src', 'embedded-mongodb/src', 'preview', 'bench', 'e2e'];

/** @type {{ name: string, check: () => Promise<void> }[]} */
export const CHECKS = [
  {
    name: 'types',
    async check() {
      const tsc = 'typescript/bin/tsc';
      await tool(tsc, '-b');
      await tool(tsc, '-p', 'scripts');
      await tool(tsc, '-p', 'force-app/tsconfig.test.json');
    },
  },
  { name: 'package', check: () => run(process.execPath, ['scripts/force-app.mjs', 'check']) },
  { name: 'format', check: () => tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  {
    name: 'imports',
    check: () => tool('dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'err', ...CRUISED),
  },
  { name: 'eslint', check: () => tool('eslint/bin/eslint.js', '--max-warnings', '0', '.') },
  { name: 'slds-linter', check: slds },
];

/**
 * Runs all checks.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function lint() {
  let failed = 0;
  for (const { name, check } of CHECKS) {
    const startedAt = performance.now();
    const problem = await check().then(() => undefined, String);
    if (problem) failed += 1;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${problem ? 'FAIL' : 'ok  '} ${name} (${seconds} s)${problem ? `: ${problem}` : ''}\n`);
  }
  return { passed: CHECKS.length - failed, failed };
}

if (isMain(import.meta.url)) {
  try {
    await install();
    await build();
    if ((await lint()).failed > 0) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
