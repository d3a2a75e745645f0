import { doc, int, isDoc, type Doc, type Value } from '../bson/values.ts';
import { compileStage } from '../aggregate/stages.ts';
import { MongoError, badValue } from '../errors.ts';
import { planFor, type Plan } from '../query/plan.ts';
import { search, type Search, type Statistics } from '../query/run.ts';
import type { Collection } from '../storage/collection.ts';
import type { Command } from './context.ts';
import { aString, aDocument, readFields, required } from './fields.ts';
import { aggregateSearch, collectionName, countSearch, distinctSearch, findSearch } from './read.ts';
import { firstDelete, firstUpdate, modifyRequest } from './write-commands.ts';

/** What is searched for by the commands that can be explained. */
const SEARCHES: Readonly<Record<string, (command: Doc) => Search>> = {
  find: findSearch,
  count: countSearch,
  distinct: distinctSearch,
  aggregate: (command) => {
    const { asked, pipeline } = aggregateSearch(command);
    pipeline.forEach(compileStage);
    return asked;
  },
  update: (command) => limited(firstUpdate(command)),
  delete: (command) => limited(firstDelete(command)),
  findAndModify: (command) => ({ ...modifyRequest(command), limit: 1 }),
};

const limited = (request: ReturnType<typeof firstUpdate>): Search => ({ ...request, limit: request.multi ? 0 : 1 });

/**
 * Says how a command would find its documents, and with executionStats what that costs, by doing it without its
 * writes. The plan shows the search only (FETCH over IXSCAN, or COLLSCAN, and SORT), not the stages behind it.
 */
export const explain: Command = (command, { engine, database }) => {
  const fields = readFields(command, 'explain', { explain: aDocument, verbosity: aString });
  const inner = required(fields.explain, 'explain.explain');
  const verbosity = fields.verbosity ?? 'allPlansExecution';
  if (!['queryPlanner', 'executionStats', 'allPlansExecution'].includes(verbosity))
    throw badValue(`verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}`);
  const name = inner.keys().next().value ?? '';
  const read = Object.hasOwn(SEARCHES, name) ? SEARCHES[name] : undefined;
  if (!read) throw new MongoError(59, `Explain failed due to unknown command: ${name}`);
  const asked = read(inner);
  const collection = engine.collection(database, collectionName(inner, name));
  // The filter is checked before a plan is made for it, also where there is no collection.
  const rows = search(collection, asked, undefined);
  const stage = planStage(collection, asked);
  const reply: Record<string, Value> = {
    explainVersion: '1',
    queryPlanner: doc({
      namespace: `${database}.${collectionName(inner, name)}`,
      parsedQuery: asked.filter,
      winningPlan: stage,
      rejectedPlans: [],
    }),
  };
  rows.return(undefined);
  if (verbosity !== 'queryPlanner') reply.executionStats = execution(collection, asked, stage);
  reply.command = inner;
  return doc(reply);
};

function execution(collection: Collection | undefined, asked: Search, stage: Doc): Doc {
  const statistics: Statistics = { keysExamined: 0, docsExamined: 0 };
  const start = Date.now();
  let returned = 0;
  for (const row of search(collection, asked, statistics)) returned += row.rid >= 0 ? 1 : 0;
  return doc({
    executionSuccess: true,
    nReturned: int(returned),
    executionTimeMillis: int(Date.now() - start),
    totalKeysExamined: int(statistics.keysExamined),
    totalDocsExamined: int(statistics.docsExamined),
    executionStages: stage,
  });
}

function planStage(collection: Collection | undefined, asked: Search): Doc {
  if (!collection) return doc({ stage: 'EOF' });
  const plan = planFor(collection, asked);
  const found = searchStage(plan, asked.filter);
  return plan.sorted
    ? found
    : doc({ stage: 'SORT', sortPattern: asked.sort ?? new Map<string, Value>(), inputStage: found });
}

function searchStage(plan: Plan, filter: Doc): Doc {
  if (plan.kind === 'scan') return doc({ stage: 'COLLSCAN', filter, direction: plan.reverse ? 'backward' : 'forward' });
  const { spec, multikey } = plan.index;
  return doc({
    stage: 'FETCH',
    filter,
    inputStage: doc({
      stage: 'IXSCAN',
      keyPattern: spec.keyPattern,
      indexName: spec.name,
      isMultiKey: multikey,
      isUnique: spec.isUnique,
      isSparse: spec.isSparse,
      isPartial: isDoc(spec.partialFilter),
      direction: plan.reverse ? 'backward' : 'forward',
    }),
  });
}
