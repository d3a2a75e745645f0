import type { Connection, Model, QueryFilter } from 'mongoose';

/** Collections that hold opaque ids of an org and nothing else, and why they outlive it. */
const OUTLIVES: ReadonlySet<string> = new Set([
  'revocations', // every process must hear of an ended session; deleted when none that it ended can live
  'jobs', // an erasure is itself a job; deleted when it is done, and the org's other jobs with it
]);

/** What one collection holds of an org, read now. */
export interface Holding {
  readonly name: string;
  /** Names of the fields that documents of this org have. */
  readonly fields: readonly string[];
  readonly count: number;
  readonly oldestAt: string | null;
  /** Versions of the keys that its sealed values name. */
  readonly keyVersions: readonly string[];
}

type AnyModel = Model<Readonly<Record<string, unknown>>>;
type Filter = QueryFilter<Readonly<Record<string, unknown>>>;

/** Documents that are looked into for their fields and keys; more than these would make the question expensive. */
const LOOKED_INTO = 2_000;

/**
 * Finds what is held about an org or a person in every collection that a room has registered, by what its schema
 * declares: what names an org is the org's. So a new room is counted and erased without anybody having to remember it.
 */
export class Inventory {
  readonly #connections: readonly Connection[];

  constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  /** Collections that can hold something of an org. */
  async of(orgId: string): Promise<readonly Holding[]> {
    const holdings: Holding[] = [];
    for (const model of this.#all()) holdings.push(await holdingOf(model, ofOrg(model, orgId)));
    return holdings;
  }

  /** Documents by collection; a collection that holds none is left out. */
  async count(orgId: string, userId?: string): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const model of this.#holding(userId)) {
      const count = await model.countDocuments(filterOf(model, orgId, userId));
      if (count > 0) counts[model.collection.collectionName] = count;
    }
    return counts;
  }

  /** Deletes all of an org, or of a person in it. Repeating it does no harm. Returns how many documents went. */
  async erase(orgId: string, userId?: string): Promise<number> {
    let deleted = 0;
    for (const model of this.#holding(userId))
      deleted += (await model.deleteMany(filterOf(model, orgId, userId))).deletedCount;
    return deleted;
  }

  /** Deletes what is held about a contact of an org's CRM. */
  async eraseContact(orgId: string, contactId: string): Promise<number> {
    let deleted = 0;
    for (const model of this.#all())
      if (hasPath(model, 'contactId')) deleted += (await model.deleteMany({ orgId, contactId })).deletedCount;
    return deleted;
  }

  /** Contact Ids of an org that something is held about. */
  async contactsOf(orgId: string): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const model of this.#all())
      if (hasPath(model, 'contactId'))
        for (const id of await model.distinct('contactId', { orgId })) if (typeof id === 'string') found.add(id);
    return found;
  }

  #all(): AnyModel[] {
    const models = this.#connections.flatMap((connection) => Object.values(connection.models) as AnyModel[]);
    return models.filter((model) => !OUTLIVES.has(model.collection.collectionName) && orgPath(model) !== undefined);
  }

  /** The org itself last: while it is there an erasure that was cut off can be seen. */
  #holding(userId: string | undefined): AnyModel[] {
    const models = this.#all();
    if (userId !== undefined) return models.filter((model) => userPath(model) !== undefined);
    return models.sort((one, other) => Number(isOrgs(one)) - Number(isOrgs(other)));
  }
}

/** Mongoose's types say that every path is there. */
const hasPath = (model: AnyModel, path: string): boolean => Object.hasOwn(model.schema.paths, path);

const isOrgs = (model: AnyModel): boolean => model.collection.collectionName === 'orgs';

function orgPath(model: AnyModel): string | undefined {
  if (isOrgs(model)) return '_id';
  return hasPath(model, 'orgId') ? 'orgId' : undefined;
}

function userPath(model: AnyModel): string | undefined {
  if (model.collection.collectionName === 'users') return '_id';
  return ['userId', 'repId'].find((path) => hasPath(model, path));
}

const ofOrg = (model: AnyModel, orgId: string): Filter => ({ [orgPath(model) ?? '']: orgId });

function filterOf(model: AnyModel, orgId: string, userId: string | undefined): Filter {
  return userId === undefined ? ofOrg(model, orgId) : { ...ofOrg(model, orgId), [userPath(model) ?? '']: userId };
}

const SEALED = /^e1\.([a-z][a-z0-9]{0,31})\./;

async function holdingOf(model: AnyModel, filter: Filter): Promise<Holding> {
  const count = await model.countDocuments(filter);
  const fields = new Set<string>();
  const keyVersions = new Set<string>();
  for (const document of await model.find(filter).limit(LOOKED_INTO).lean()) {
    for (const [name, value] of Object.entries(document)) {
      fields.add(name);
      collectKeys(value, keyVersions);
    }
  }
  return {
    name: model.collection.collectionName,
    fields: [...fields].sort(),
    count,
    oldestAt: await oldestOf(model, filter),
    keyVersions: [...keyVersions].sort(),
  };
}

/** Sealed values name their key; wrapped keys name the version they are. */
function collectKeys(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    const version = SEALED.exec(value)?.[1];
    if (version !== undefined) into.add(version);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const { version } = value as { readonly version?: unknown };
    if (typeof version === 'string') into.add(version);
    for (const member of Object.values(value)) collectKeys(member, into);
  }
}

async function oldestOf(model: AnyModel, filter: Filter): Promise<string | null> {
  const path = ['createdAt', 'signedInAt', 'at'].find((name) => hasPath(model, name));
  if (path === undefined) return null;
  const oldest = await model
    .find(filter)
    .sort({ [path]: 1 })
    .limit(1)
    .select({ [path]: 1 })
    .lean();
  const at = oldest[0]?.[path];
  return at instanceof Date ? at.toISOString() : null;
}
