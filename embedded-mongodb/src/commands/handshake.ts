import { Int32 } from 'bson';
import { doc, int, type Doc } from '../bson/values.ts';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.ts';
import { MAX_MESSAGE_BYTES } from '../server/wire.ts';
import type { Command } from './context.ts';
import { aBoolean, anArray, anInteger, anything, aString, readFields } from './fields.ts';
import { MAX_WRITE_BATCH } from './write.ts';

/** The version whose behaviour is followed, and its number on the wire. Source: MongoDB wire versions, 7.0 = 21. */
const VERSION = [7, 0, 0, 0];
const MAX_WIRE_VERSION = 21;

/**
 * A standalone server: drivers then send no transaction numbers (retryable writes), which would need a memory of
 * results. Sessions exist in name only: their ids are taken and mean nothing.
 */
export const hello: Command = (command, { connectionId }) => {
  const legacy = !command.has('hello');
  readFields(command, 'hello', {
    hello: anything,
    isMaster: anything,
    ismaster: anything,
    helloOk: aBoolean,
    client: anything,
    compression: anArray,
    loadBalanced: aBoolean,
    saslSupportedMechs: aString,
    speculativeAuthenticate: anything,
    topologyVersion: anything,
    maxAwaitTimeMS: anInteger,
    backpressure: anything,
    hostInfo: anything,
  });
  return doc({
    helloOk: true,
    [legacy ? 'ismaster' : 'isWritablePrimary']: true,
    maxBsonObjectSize: int(MAX_DOCUMENT_BYTES),
    maxMessageSizeBytes: int(MAX_MESSAGE_BYTES),
    maxWriteBatchSize: int(MAX_WRITE_BATCH),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: int(30),
    connectionId: int(connectionId),
    minWireVersion: int(0),
    maxWireVersion: int(MAX_WIRE_VERSION),
    readOnly: false,
  });
};

export const ping: Command = (command) => {
  readFields(command, 'ping', { ping: anything });
  return doc({});
};

export const buildInfo: Command = (command) => {
  readFields(command, 'buildInfo', { buildInfo: anything, buildinfo: anything });
  return doc({
    version: VERSION.slice(0, 3).join('.'),
    gitVersion: 'embedded',
    modules: ['embedded'],
    versionArray: VERSION.map((part) => new Int32(part)),
    bits: int(64),
    debug: false,
    maxBsonObjectSize: int(MAX_DOCUMENT_BYTES),
  });
};

export const endSessions: Command = (command) => {
  readFields(command, 'endSessions', { endSessions: anArray, refreshSessions: anArray, killSessions: anArray });
  return doc({});
};

export const connectionStatus: Command = (command) => {
  readFields(command, 'connectionStatus', { connectionStatus: anything, showPrivileges: aBoolean });
  return doc({ authInfo: doc({ authenticatedUsers: [], authenticatedUserRoles: [] }) });
};

export const serverStatus: Command = (command, { server, cursors }): Doc => {
  readFields(command, 'serverStatus', { serverStatus: anything });
  const seconds = Math.floor((Date.now() - server.startedAt) / 1000);
  return doc({
    version: VERSION.slice(0, 3).join('.'),
    process: 'embedded-mongodb',
    pid: BigInt(process.pid),
    uptime: seconds,
    localTime: new Date(),
    connections: doc({ current: int(server.connections()) }),
    metrics: doc({ cursor: doc({ open: doc({ total: BigInt(cursors.count) }) }) }),
  });
};
