// @ts-check
/**
 * Preloaded (`node --import`) into a backend that runs as in production: what leads to port 443 of any host comes to
 * TEST_INTERNET_PORT on loopback, as a line in /etc/hosts and a port rule would do. The backend's own code, its list of
 * hosts that may be reached and its checks of certificates see the real names.
 */
import { Socket } from 'node:net';

const port = Number(process.env['TEST_INTERNET_PORT']);
const { connect } = Socket.prototype;

/** @param {unknown} options */
const redirected = (options) =>
  typeof options === 'object' && options !== null && 'port' in options && Number(options.port) === 443
    ? { ...options, host: '127.0.0.1', port }
    : options;

/** @type {any} */ (Socket.prototype).connect = function (/** @type {unknown[]} */ ...args) {
  // Node calls it with options, or with the array that it made of its arguments and knows again by a mark on it.
  if (Array.isArray(args[0])) args[0][0] = redirected(args[0][0]);
  else args[0] = redirected(args[0]);
  return Reflect.apply(connect, this, args);
};
