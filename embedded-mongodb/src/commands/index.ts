import type { Doc } from '../bson/values.ts';
import { MongoError } from '../errors.ts';
import { requireDatabaseName } from '../storage/engine.ts';
import * as catalog from './catalog.ts';
import type { Command, Context } from './context.ts';
import { explain } from './explain.ts';
import * as handshake from './handshake.ts';
import * as indexes from './indexes.ts';
import * as read from './read.ts';
import * as write from './write-commands.ts';

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['hello', handshake.hello],
  ['isMaster', handshake.hello],
  ['ismaster', handshake.hello],
  ['ping', handshake.ping],
  ['buildInfo', handshake.buildInfo],
  ['buildinfo', handshake.buildInfo],
  ['endSessions', handshake.endSessions],
  ['refreshSessions', handshake.endSessions],
  ['killSessions', handshake.endSessions],
  ['connectionStatus', handshake.connectionStatus],
  ['serverStatus', handshake.serverStatus],
  ['find', read.find],
  ['getMore', read.getMore],
  ['killCursors', read.killCursors],
  ['count', read.count],
  ['distinct', read.distinct],
  ['aggregate', read.aggregate],
  ['insert', write.insert],
  ['update', write.updateCommand],
  ['delete', write.deleteCommand],
  ['findAndModify', write.findAndModify],
  ['findandmodify', write.findAndModify],
  ['createIndexes', indexes.createIndexes],
  ['listIndexes', indexes.listIndexes],
  ['dropIndexes', indexes.dropIndexes],
  ['deleteIndexes', indexes.dropIndexes],
  ['create', catalog.create],
  ['drop', catalog.drop],
  ['dropDatabase', catalog.dropDatabase],
  ['listCollections', catalog.listCollections],
  ['listDatabases', catalog.listDatabases],
  ['dbStats', catalog.dbStats],
  ['dbstats', catalog.dbStats],
  ['explain', explain],
]);

/**
 * Runs a command in one piece.
 * @throws MongoError 59 for one that is not implemented, and what the command throws
 */
export function runCommand(command: Doc, context: Omit<Context, 'database'>): Doc {
  const name = command.keys().next().value ?? '';
  const run = COMMANDS.get(name);
  if (!run) throw new MongoError(59, `no such command: '${name}'`);
  const database = command.get('$db');
  if (typeof database !== 'string') throw new MongoError(40571, 'OP_MSG requests require a $db argument');
  requireDatabaseName(database);
  return run(command, { ...context, database });
}
