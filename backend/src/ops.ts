import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { refuseDumps } from './no-dumps.ts';
import { bundleOf, openBundle, type SignedRequest } from './operators/bundle.ts';
import { readOperators } from './operators/operators-file.ts';
import { OperatorRefused } from './operators/refused.ts';
import { ACTIONS, approve, inspect, newRequest, requestText, targetsOf, type Action } from './operators/request.ts';
import { startCommand } from './operators/start-command.ts';

const ACTION_LINES = (Object.keys(ACTIONS) as Action[]).map(
  (action) => `    ${action.padEnd(20)}${targetsOf(action).join(' or ')}`,
);
const USAGE = `npm run ops -- request ACTION TARGET --reason TEXT [--hours 4] --out request.json
    writes a request for the region of ONESHOT_REGION: both people sign that file as it is
      ssh-keygen -Y sign -n oneshot-request  -f KEY request.json    who asks; it makes request.json.sig
      ssh-keygen -Y sign -n oneshot-approval -f KEY request.json    who approves, on their own machine
npm run ops -- run request.json --requested requested.sig --approved approved.sig [--out FILE]
    carries it out, once, with the settings of a backend of the region in the environment
npm run ops -- bundle request.json --requested requested.sig --approved approved.sig
    packs the three into one word, and prints the commands that carry it out in its region, where no files can be handed in
npm run ops -- run --bundle WORD
    the same as run with the three files
npm run ops -- operators
    who may act today
Actions and their targets:
${ACTION_LINES.join('\n')}
A refusal ends with 3 and a code, a broken trail or a defect with 1. More in docs/runbook.md.
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const code = error instanceof OperatorRefused ? `${error.code}: ` : '';
  process.stderr.write(`oneshot ops: ${code}${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = error instanceof OperatorRefused || error instanceof ConfigError ? 3 : 1;
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reason: { type: 'string', default: '' },
      hours: { type: 'string', default: '4' },
      requested: { type: 'string' },
      approved: { type: 'string' },
      bundle: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    await print(USAGE);
    return 0;
  }
  const config = loadConfig(process.env);
  const [command, first, second] = positionals;
  if (command === 'request' && first !== undefined && second !== undefined) {
    const { reason, hours } = values;
    const request = newRequest({ region: config.region.name, action: first, target: second, reason }, Number(hours));
    const text = requestText(request);
    await (values.out === undefined ? print(text) : writeFile(values.out, text));
    return 0;
  }
  if (command === 'operators') {
    const operators = await operatorsOf(config);
    for (const { id, person, trainedUntil } of operators) process.stdout.write(`${id} ${trainedUntil} ${person}\n`);
    return 0;
  }
  const isRun = command === 'run';
  const signed = isRun || command === 'bundle' ? await signedRequest(values, first, isRun) : undefined;
  if (signed === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (!isRun) {
    await print(await packed(config, signed));
    return 0;
  }
  refuseDumps(config.isProduction);
  const { request, signatures } = signed;
  const operators = await operatorsOf(config);
  const approved = approve(request, signatures, operators, config.region.name, Date.now());
  // The whole service takes a second to load: only for what both people signed.
  const { carryOut } = await import('./ops-run.ts');
  const { trail, ...rest } = await carryOut(config, approved);
  if (typeof trail === 'string') await (values.out === undefined ? print(trail) : writeFile(values.out, trail));
  if (Object.keys(rest).length > 0) await print(`${JSON.stringify(rest)}\n`);
  return rest.verified === false ? 1 : 0;
}

interface Handed {
  readonly requested?: string | undefined;
  readonly approved?: string | undefined;
  readonly bundle?: string | undefined;
}

/** @returns undefined where neither three files nor, if it may be one, a bundle was named @throws OperatorRefused */
async function signedRequest(
  { requested, approved, bundle }: Handed,
  file: string | undefined,
  mayBeBundle: boolean,
): Promise<SignedRequest | undefined> {
  const files = [file, requested, approved].filter((name) => name !== undefined);
  if (bundle !== undefined) return mayBeBundle && files.length === 0 ? openBundle(bundle) : undefined;
  const [request, ...armored] = await Promise.all(files.length === 3 ? files.map((name) => readFile(name)) : []);
  const [first, second] = armored.map((bytes) => bytes.toString('utf8'));
  if (request === undefined || first === undefined || second === undefined) return undefined;
  return { request, signatures: { request: first, approval: second } };
}

/** The bundle on a line of its own, and what to do with it. @throws OperatorRefused what would be refused there, too */
async function packed(config: Config, signed: SignedRequest): Promise<string> {
  const { regions, operators } = config;
  const now = Date.now();
  const names = regions.map(({ name }) => name);
  const request = inspect(signed, names, now);
  // Who has the list at hand is told here whether both may act.
  if (operators !== undefined)
    approve(signed.request, signed.signatures, await operatorsOf(config), request.region, now);
  const bundle = bundleOf(signed);
  const region = regions.find(({ name }) => name === request.region) ?? config.region;
  return `${bundle}\n\n${startCommand(region, request, bundle)}`;
}

async function operatorsOf({ operators }: Config) {
  if (operators === undefined)
    throw new OperatorRefused('operators_file', 'Nobody may act: OPERATORS_FILE and OPERATORS_SIGNER are not set.');
  return readOperators(operators.file, operators.signer);
}

function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
