import type { Connection } from 'mongoose';

/**
 * Tells of a connection whose driver stopped looking for its server, once: it has to be closed and opened anew. Driver 7.8
 * waits for ever where a heartbeat is written to a socket that was destroyed in the same turn of the event loop
 * (`writeCommand` waits for `drain`, which does not come); without this the process would answer 503 until it is restarted.
 * @param longestMs more than `connectTimeoutMS` and `heartbeatFrequencyMS` together, within which each heartbeat ends
 */
export function whenHeartbeatHangs(connection: Connection, longestMs: number, tell: () => void): void {
  const running = new Map<string, NodeJS.Timeout>();
  const ended = (server: string): void => {
    clearTimeout(running.get(server));
    running.delete(server);
  };
  let isTold = false;
  const hangs = (): void => {
    if (!isTold) tell();
    isTold = true;
  };
  const client = connection.getClient();
  client.on('serverHeartbeatStarted', ({ connectionId }) => {
    ended(connectionId);
    running.set(connectionId, setTimeout(hangs, longestMs).unref());
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => ended(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => ended(connectionId));
  client.on('serverClosed', ({ address }) => ended(address));
}
