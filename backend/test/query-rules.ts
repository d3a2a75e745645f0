import mongoose, { type mongo } from 'mongoose';

/** A search that need not name the org, as docs/architecture.md lists it. */
export interface Exception {
  readonly collection: string;
  /** Fields of which the search names one; none: it names nothing, or `_id`. `any`: nothing here is of one org alone. */
  readonly fields: readonly string[] | 'any';
  /** It may read the whole collection: what an operator does once, after a restore. */
  readonly mayScan?: true;
  readonly why: string;
}

/** Every one of them is a row of the table in docs/architecture.md ("What the database holds"). */
export const EXCEPTIONS: readonly Exception[] = [
  { collection: 'signIns', fields: ['_id', 'challengeHash', 'codeHash'], why: 'the org is not known yet' },
  { collection: 'sessions', fields: ['_id'], why: 'a JWT names its session; one document by primary key' },
  { collection: 'orgs', fields: ['_id', 'salesforceOrgId'], why: 'it is the org' },
  { collection: 'orgs', fields: [], why: 'a start looks which master keys are needed; a move of keys reads them all' },
  { collection: 'signingKeys', fields: 'any', why: 'a handful, shared by the region' },
  { collection: 'canaryRuns', fields: [], why: 'the newest run, shown to every admin of the region' },
  { collection: 'sessions', fields: [], why: 'a restore ends them all' },
  { collection: 'connections', fields: [], why: 'a restore looks at every org that has some' },
  { collection: 'auditEntries', fields: [], why: 'operators verify every trail of the region' },
  { collection: 'revocations', fields: [], why: 'each process reads what is new' },
  { collection: 'connections', fields: ['mark'], why: 'one mailbox may be connected in two orgs' },
  { collection: 'connections', fields: ['status'], mayScan: true, why: 'a restore ends what rotates, in every org' },
  { collection: 'processes', fields: [], why: 'a document for each process that runs' },
  { collection: 'databaseState', fields: ['_id'], why: 'one document' },
  { collection: 'auditHeads', fields: ['_id'], why: 'its id is the org' },
  { collection: 'sendCounts', fields: ['_id'], why: 'its id holds org, rep and day' },
  {
    collection: 'receipts',
    fields: ['_id'],
    why: 'whoever has the 256 bits of its id may read it, after the org is gone',
  },
  { collection: 'operators', fields: 'any', why: 'uses of privilege are of the region' },
  { collection: 'ledgerEntries', fields: 'any', why: 'replayed as a whole after a restore' },
  { collection: 'ledgerBeats', fields: ['_id'], why: 'one document' },
  { collection: 'jobs', fields: 'any', why: 'every process looks for what is due' },
  { collection: 'databaseFormat', fields: ['_id'], why: 'one document' },
];

type Document = Readonly<Record<string, unknown>>;

interface Search {
  readonly database: string;
  readonly collection: string;
  readonly filter: Document;
  readonly sort: Document | undefined;
  readonly limit: number;
}

/**
 * Listens to what the driver is asked and says which searches neither name the org nor are an exception, and which read
 * a whole collection: the rules of docs/architecture.md, checked by the database's own `explain`.
 */
export class QueryRules {
  /** One search of each shape. */
  readonly #searches = new Map<string, Search>();

  readonly listener = (event: mongo.CommandStartedEvent): void => {
    for (const search of searchesOf(event)) this.#searches.set(shapeOf(search), search);
  };

  /** How many shapes of searches were seen. */
  get size(): number {
    return this.#searches.size;
  }

  /** @returns a line for each search that breaks a rule; names of fields, no values */
  async broken(uri: string): Promise<readonly string[]> {
    const lines: string[] = [];
    const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 5_000 }).asPromise();
    try {
      for (const [shape, search] of this.#searches) {
        const exception = exceptionFor(search);
        if (!namesOrg(search) && exception === undefined) lines.push(`${shape}: names no org and is no exception`);
        else if (
          exception?.mayScan !== true &&
          Object.keys(search.filter).length > 0 &&
          (await readsAll(connection.getClient(), search))
        )
          lines.push(`${shape}: reads the whole collection`);
      }
    } finally {
      await connection.close();
    }
    return lines;
  }
}

function searchesOf({ commandName, command, databaseName }: mongo.CommandStartedEvent): Search[] {
  const document = command as Document;
  const collection = document[commandName];
  if (typeof collection !== 'string' || databaseName === 'admin') return [];
  const search = (filter: unknown, sort?: unknown, limit = 0): Search => ({
    database: databaseName,
    collection,
    filter: (filter ?? {}) as Document,
    sort: sort as Document | undefined,
    limit,
  });
  switch (commandName) {
    case 'find':
      return [search(document.filter, document.sort, Number(document.limit ?? 0))];
    case 'findAndModify':
    case 'findandmodify':
    case 'count':
    case 'distinct':
      return [search(document.query, document.sort, 1)];
    case 'aggregate':
      return [search((document.pipeline as readonly Document[])[0]?.$match)];
    case 'update':
      return (document.updates as readonly Document[]).map(({ q }) => search(q));
    case 'delete':
      return (document.deletes as readonly Document[]).map(({ q }) => search(q));
    default:
      return [];
  }
}

/** Names of the fields and their operators, without values: what makes two searches the same one. */
function shapeOf({ collection, filter, sort, limit }: Search): string {
  const sorted = sort === undefined ? '' : ` sorted by ${Object.keys(sort).join(', ')}`;
  return `${collection} {${fieldsOf(filter)}}${sorted}${limit === 1 ? ' first' : ''}`;
}

function fieldsOf(filter: Document): string {
  return Object.entries(filter)
    .map(([name, value]) => {
      if (Array.isArray(value)) return `${name}: [${value.map((one) => fieldsOf(one as Document)).join('; ')}]`;
      const isOperators =
        typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
      return isOperators ? `${name}: ${Object.keys(value).join(' ')}` : name;
    })
    .sort()
    .join(', ');
}

/** Exactly one org: equality, at the top or in `$and`. */
function namesOrg({ filter }: Search): boolean {
  if (typeof filter.orgId === 'string') return true;
  const parts = (filter.$and ?? []) as readonly Document[];
  return parts.some(({ orgId }) => typeof orgId === 'string');
}

function exceptionFor({ collection, filter, limit, sort }: Search): Exception | undefined {
  const names = Object.keys(filter);
  return EXCEPTIONS.find((one) => {
    if (one.collection !== collection) return false;
    if (one.fields === 'any') return true;
    if (one.fields.length > 0) return one.fields.some((field) => names.includes(field));
    return names.length === 0 ? limit === 1 || sort !== undefined || collection !== 'orgs' : names.includes('_id');
  });
}

async function readsAll(client: mongo.MongoClient, search: Search): Promise<boolean> {
  const { collection, filter, sort, limit } = search;
  const find = { find: collection, filter, ...(sort === undefined ? {} : { sort }), ...(limit === 0 ? {} : { limit }) };
  const plan = (await client.db(search.database).command({ explain: find, verbosity: 'queryPlanner' })) as {
    readonly queryPlanner: { readonly winningPlan: object };
  };
  return JSON.stringify(plan.queryPlanner.winningPlan).includes('"COLLSCAN"');
}
