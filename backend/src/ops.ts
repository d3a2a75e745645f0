import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createRooms } from './app.ts';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { Database } from './database/database.ts';
import { egressRules, enforceEgress } from './egress.ts';
import { createLog } from './http/log.ts';
import { Metrics } from './http/metrics.ts';
import { operatorActions } from './operators/actions.ts';
import { operatorModel } from './operators/model.ts';
import { readOperators } from './operators/operators-file.ts';
import { Operators, type Outcome } from './operators/operators.ts';
import { OperatorRefused } from './operators/refused.ts';
import { ACTIONS, approve, newRequest, requestText, type ApprovedRequest } from './operators/request.ts';

const USAGE = `npm run ops -- request ACTION TARGET --reason TEXT [--hours 4]
    prints a request: both people sign that file as it is
      ssh-keygen -Y sign -n oneshot-request  -f KEY request.json    who asks
      ssh-keygen -Y sign -n oneshot-approval -f KEY request.json    who approves, on their own machine
npm run ops -- run request.json --requested request.json.sig --approved approval.sig [--out FILE]
    carries it out, once
npm run ops -- operators
    who may act today
Actions: ${Object.keys(ACTIONS).join(', ')}
`;

const CONNECT_MS = 15_000;

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
      out: { type: 'string' },
    },
  });
  const config = loadConfig(process.env);
  const [command, first, second] = positionals;
  if (command === 'request' && first !== undefined && second !== undefined) {
    const { reason, hours } = values;
    const request = newRequest({ region: config.region.name, action: first, target: second, reason }, Number(hours));
    process.stdout.write(requestText(request));
    return 0;
  }
  if (command === 'operators') {
    const operators = await operatorsOf(config);
    for (const { id, person, trainedUntil } of operators) process.stdout.write(`${id} ${trainedUntil} ${person}\n`);
    return 0;
  }
  if (command !== 'run' || first === undefined || values.requested === undefined || values.approved === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const [bytes, requested, approved] = await Promise.all([
    readFile(first),
    readFile(values.requested, 'utf8'),
    readFile(values.approved, 'utf8'),
  ]);
  const signatures = { request: requested, approval: approved };
  const { region } = config;
  const outcome = await run(config, approve(bytes, signatures, await operatorsOf(config), region.name, Date.now()));
  const { trail, ...rest } = outcome;
  if (typeof trail === 'string') await (values.out === undefined ? print(trail) : writeFile(values.out, trail));
  if (Object.keys(rest).length > 0) await print(`${JSON.stringify(rest)}\n`);
  return rest.verified === false ? 1 : 0;
}

async function operatorsOf({ operators }: Config) {
  if (operators === undefined)
    throw new OperatorRefused('operators_file', 'Nobody may act: OPERATORS_FILE and OPERATORS_SIGNER are not set.');
  return readOperators(operators.file, operators.signer);
}

/** The rooms of the service without a server: what an operator does is what a request would do. */
async function run(config: Config, approved: ApprovedRequest): Promise<Outcome> {
  enforceEgress(egressRules(config), () => undefined);
  const database = new Database(config);
  const log = createLog('silent');
  try {
    await database.connect(AbortSignal.timeout(CONNECT_MS));
    const used = operatorModel(database.main);
    const rooms = await createRooms({
      config,
      log,
      metrics: new Metrics(),
      database,
      publicUrl: () => config.publicUrl ?? '',
      isDraining: () => true,
    });
    try {
      const operators = new Operators({
        used,
        audit: rooms.audit,
        actions: operatorActions(rooms),
        lastKnownTime: () => rooms.privacy.restore.lastKnownTime(),
      });
      return await operators.run(approved);
    } finally {
      await rooms.app.close();
    }
  } finally {
    await database.close();
  }
}

function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
