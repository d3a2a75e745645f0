import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import {
  databaseFormatModel,
  processModel,
  type DatabaseFormatDocument,
  type ProcessDocument,
} from './deployment-model.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { newId } from './new-id.ts';

/** Format of what this version writes. Raise it with a change that the version before could not read. */
export const DATABASE_FORMAT = 1;

export interface DeploymentOptions {
  readonly main: Connection;
  readonly sessions: Connection;
  readonly region: string;
  /** Settings that all processes on one database must share, by the name of the setting; kept as hashes. */
  readonly shared: Readonly<Record<string, string>>;
  /** For tests. */
  readonly format?: number;
  /** Between two signs of life, in milliseconds. Default 2 s. */
  readonly beatMs?: number;
}

/** The start stops here; the message is one line that says which setting, and never its value. */
export class DeploymentMismatch extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeploymentMismatch';
  }
}

/** A process that gives no sign of life for so many beats is gone. */
const LOST_AFTER = 3;
/** Its document is deleted after so long, in milliseconds, whatever happens. */
const FORGET_MS = 60_000;

/** This process, among those that share its database. */
export interface Membership {
  /** Says which master keys this process opens. */
  opens(masterKeys: readonly string[]): Promise<void>;
  /** How many other processes that show signs of life do not open a master key: nothing may be moved to it yet. */
  othersWithout(masterKey: string): Promise<number>;
  /** Takes it off the list. */
  leave(): Promise<void>;
}

/**
 * Puts this process on the list of those that run on this database, unless it does not belong there: the database is of
 * another region or of a newer version, or a process that runs there has other settings. Said now, not found out later.
 * A process that was killed is waited for, for three beats; clocks of different machines are not compared.
 * @throws DeploymentMismatch
 */
export async function joinDeployment(options: DeploymentOptions): Promise<Membership> {
  const { main, region, format = DATABASE_FORMAT, beatMs = 2_000 } = options;
  const processes = processModel(main);
  await processes.createIndexes();
  const [found, sessions] = await Promise.all([
    describedIn(main, format, region),
    describedIn(options.sessions, format, region),
  ]);
  for (const database of [found, sessions]) {
    if (database.region !== region)
      throw new DeploymentMismatch(
        `ONESHOT_REGION: this database is of region ${database.region}, and this process of region ${region}: data does not leave its region`,
      );
    if (database.format > format)
      throw new DeploymentMismatch(
        `This database was written by a newer version (format ${database.format}, this version knows ${format}): run that one`,
      );
  }
  const shared = { ...options.shared, SESSIONS_MONGODB_URI: sessions.identity };
  const own: ProcessDocument = {
    _id: newId('prc'),
    format,
    settings: Object.fromEntries(Object.entries(shared).map(([name, value]) => [name, hashOf(value)])),
    beat: 0,
    startedAt: new Date(),
    deleteAt: new Date(Date.now() + FORGET_MS),
  };
  await processes.create(own);
  const leave = async (): Promise<void> => {
    await processes.deleteOne({ _id: own._id });
  };
  try {
    await compare(own, async () => processes.find().lean(), beatMs);
    for (const connection of [main, options.sessions])
      await databaseFormatModel(connection).updateOne(
        { _id: 'database', format: { $lt: format } },
        { $set: { format } },
      );
  } catch (error) {
    await leave();
    throw error;
  }
  const { _id, settings, startedAt } = own;
  let masterKeys: readonly string[] | undefined;
  const timer = setInterval(() => {
    const alive = {
      $inc: { beat: 1 },
      $set: { deleteAt: new Date(Date.now() + FORGET_MS) },
      $setOnInsert: { format, settings, startedAt, ...(masterKeys === undefined ? {} : { masterKeys }) },
    };
    processes.updateOne({ _id }, alive, { upsert: true }).catch(() => undefined); // the next one tells
  }, beatMs).unref();
  return {
    opens: async (opened) => {
      masterKeys = opened;
      await processes.updateOne({ _id }, { $set: { masterKeys: [...opened] } });
    },
    othersWithout: async (masterKey) => {
      const isMeant = (one: ProcessDocument): boolean =>
        one._id !== _id && one.masterKeys?.includes(masterKey) !== true;
      return (await living(async () => processes.find().lean(), isMeant, beatMs)).length;
    },
    leave: async () => {
      clearInterval(timer);
      await leave().catch(() => undefined); // the database may be gone before us
    },
  };
}

/** What a database is, which its first process says. */
async function describedIn(connection: Connection, format: number, region: string): Promise<DatabaseFormatDocument> {
  const formats = databaseFormatModel(connection);
  const asked = { _id: 'database' } as const;
  const first = { format, region, identity: newId('dbs') };
  await formats.updateOne(asked, { $setOnInsert: first }, { upsert: true }).catch(unlessTaken);
  return (await formats.findOne(asked).lean()) ?? { ...asked, ...first };
}

/** @throws DeploymentMismatch a process that shows signs of life has other settings, or another format */
async function compare(
  own: ProcessDocument,
  list: () => Promise<readonly ProcessDocument[]>,
  beatMs: number,
): Promise<void> {
  const [other] = await living(list, (one) => one._id !== own._id && differenceOf(own, one) !== undefined, beatMs, 1);
  if (other !== undefined) throw new DeploymentMismatch(differenceOf(own, other) ?? '');
}

/**
 * Of the processes that are meant, those that show signs of life within three beats. None is waited for that is not there.
 * @param enough so many are enough to know
 */
async function living(
  list: () => Promise<readonly ProcessDocument[]>,
  isMeant: (one: ProcessDocument) => boolean,
  beatMs: number,
  enough = Infinity,
): Promise<readonly ProcessDocument[]> {
  const firstBeats = new Map<string, number>();
  const found = new Map<string, ProcessDocument>();
  for (let look = 0; look <= LOST_AFTER; look += 1) {
    const meant = (await list()).filter(isMeant);
    for (const one of meant) {
      const first = firstBeats.get(one._id);
      if (first === undefined) firstBeats.set(one._id, one.beat);
      else if (one.beat > first) found.set(one._id, one);
    }
    const isKnown = meant.every(({ _id }) => found.has(_id));
    if (isKnown || found.size >= enough) break;
    if (look < LOST_AFTER) await delay(beatMs);
  }
  return [...found.values()];
}

/** One line; undefined when both may run beside each other. */
function differenceOf(own: ProcessDocument, other: ProcessDocument): string | undefined {
  if (own.format !== other.format)
    return `Processes of another version run on this database (format ${other.format}, this one is ${own.format}): stop them first`;
  const name = Object.keys(own.settings).find(
    (setting) => other.settings[setting] !== undefined && other.settings[setting] !== own.settings[setting],
  );
  return name === undefined
    ? undefined
    : `${name}: is another one than that of the processes that run on this database`;
}

const hashOf = (value: string): string => createHash('sha256').update(value).digest('base64url').slice(0, 22);

function unlessTaken(error: unknown): void {
  if (!isDuplicateKey(error)) throw error;
}
