import type { Doc } from '../bson/values.ts';
import type { Engine } from '../storage/engine.ts';
import type { Cursors } from './cursors.ts';

/** What a command has at hand. */
export type Context = {
  engine: Engine;
  cursors: Cursors;
  /** The database that `$db` names; checked. */
  database: string;
  /** Number of the connection, as `hello` shows it. */
  connectionId: number;
  /** What the process as a whole is: for serverStatus and the like. */
  server: { startedAt: number; connections: () => number };
};

/** A command: its document in, the reply without `ok` out. Runs in one piece; its writes are committed before it is answered. */
export type Command = (command: Doc, context: Context) => Doc;
