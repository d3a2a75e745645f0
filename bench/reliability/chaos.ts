import { Cluster } from './cluster.ts';
import { signInAll } from './load.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/**
 * What clients see while parts fail: `npm run chaos -- [--reps 100] [--only name]`. Loopback only, bounded; ends with
 * exit code 1 when a scenario broke its rule.
 */
const option = (name: string, standard: string): string => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? standard : (process.argv[index + 1] ?? standard);
};
const REPS = Number(option('reps', '100'));
const ONLY = option('only', '');
const KEY = '11111111-1111-4111-8111-111111111111';
const BACKENDS = 4;

const wanted = ONLY === '' ? scenarios.map(({ name }) => name) : ONLY.split(',');
const unknown = wanted.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0 || !(REPS > 0)) {
  process.stderr.write(
    `--reps is a number; --only knows ${scenarios.map(({ name }) => name).join(', ')}, not ${unknown.join(', ')}\n`,
  );
  process.exit(2);
}

/** @returns whether its rule held */
async function run(scenario: Scenario): Promise<boolean> {
  let cluster: Cluster | undefined;
  try {
    // One of its own: what one scenario broke must not be the next one's trouble.
    cluster = await Cluster.start(BACKENDS, {
      KMS_KEY_ID: KEY,
      KMS_ENDPOINT: 'sandbox',
      SANDBOX_ACCOUNTS: '400',
      ...scenario.settings,
    });
    const reps = await signInAll(cluster, REPS);
    const { holds, saw } = await scenario.run(cluster, reps);
    process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${scenario.name}: ${scenario.rule}\n     ${saw}\n`);
    return holds;
  } catch (error) {
    process.stdout.write(`FAIL ${scenario.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  } finally {
    await cluster?.stop();
  }
}

let broken = 0;
for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) if (!(await run(scenario))) broken += 1;
process.stdout.write(`${broken} broken\n`);
process.exit(broken === 0 ? 0 : 1);
