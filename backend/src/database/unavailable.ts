/** The driver's and mongoose's names for "the server cannot be reached, or not in time". */
const UNAVAILABLE = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'PoolClearedError',
  'PoolClearedOnNetworkError',
]);

/** Server codes of a node that is stopping, stepping down or not yet a primary (MongoDB, "Error Codes"). */
const UNAVAILABLE_CODES = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Whether an operation failed because the database could not be reached, not because of what was asked. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (UNAVAILABLE.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'number' && UNAVAILABLE_CODES.has(error.code)) return true;
  // With `bufferCommands: false` mongoose has no class of its own for a call before the first connection.
  return error.name === 'MongooseError' && error.message.includes('initial connection');
}
