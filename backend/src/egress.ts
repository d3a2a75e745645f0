import { Socket } from 'node:net';
import type { Config } from './config.ts';
import { endpointsOf } from './connections/endpoints.ts';
import { PROVIDERS } from './connections/tokens.ts';

/** A place that this process may open a connection to. */
export interface EgressRule {
  /** The host itself, or with a dot in front everything below it. */
  readonly host: string;
  /** Undefined: any, for a database whose nodes say their ports themselves. */
  readonly port: number | undefined;
}

/** The name of the host that was refused is nobody's business, it may come from outside. */
export class EgressRefused extends Error {
  readonly code = 'EGRESS_REFUSED';

  constructor() {
    super('This process may not connect to that host');
    this.name = 'EgressRefused';
  }
}

/** Hosts of an org's own Salesforce (FACTS A): derived from the Lightning page at sign-in, never from an answer. */
const SALESFORCE = ['.my.salesforce.com', '.my.salesforce.mil'] as const;

/** Where AWS gives a task its credentials: ECS, EKS, EC2. Not on the internet. */
const AWS_CREDENTIALS = ['169.254.170.2', '169.254.170.23', '169.254.169.254'] as const;

const MONGODB_URI = /^(mongodb(?:\+srv)?):\/\/(?:[^@/]*@)?([^/?]+)/;

/** Everything that this process has to reach, from its settings alone: no answer from outside adds to it. */
export function egressRules(config: Config): readonly EgressRule[] {
  const { salesforce, masterKey, mongodbUri, sessionsMongodbUri, ledgerUri } = config;
  const rules: EgressRule[] = [mongodbUri, sessionsMongodbUri, ledgerUri].flatMap((uri) => databaseRules(uri.reveal()));
  if (salesforce.loginUrl === undefined) rules.push(...SALESFORCE.map((host) => ({ host, port: 443 })));
  else rules.push(ofUrl(salesforce.loginUrl));
  for (const provider of PROVIDERS)
    for (const url of Object.values(endpointsOf(config, provider) ?? {})) if (isUrl(url)) rules.push(ofUrl(url));
  if (masterKey.kind === 'kms') {
    const { endpoint, awsRegion } = masterKey;
    rules.push(
      endpoint === undefined ? { host: `kms.${awsRegion}.amazonaws.com`, port: 443 } : ofUrl(endpoint),
      { host: `sts.${awsRegion}.amazonaws.com`, port: 443 },
      ...AWS_CREDENTIALS.map((host) => ({ host, port: 80 })),
    );
  }
  return rules;
}

/**
 * From here on every connection that this process opens, whichever library asks (undici, the database's driver, the AWS
 * SDK), goes to a place of the list or is refused unsent. It is below all of them on purpose: one that comes new, or that
 * follows an address out of an answer, is held too.
 * @param onRefused called for each refusal
 * @returns takes it off again, for tests
 */
export function enforceEgress(rules: readonly EgressRule[], onRefused: () => void): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its socket below
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    if (isAllowed(rules, args)) return connect.apply(this, args);
    onRefused();
    process.nextTick(() => this.destroy(new EgressRefused()));
    return this;
  };
  return () => {
    Socket.prototype.connect = connect;
  };
}

function isAllowed(rules: readonly EgressRule[], args: readonly unknown[]): boolean {
  const { host, port } = destinationOf(args);
  if (host === undefined || port === undefined) return false;
  return rules.some(
    (rule) =>
      (rule.port === undefined || rule.port === port) &&
      (rule.host === host || (rule.host.startsWith('.') && host.endsWith(rule.host) && host.length > rule.host.length)),
  );
}

/** Of every way to call `connect` (Node, net.Socket): options, port and host, a path, or what Node made of these. */
function destinationOf(args: readonly unknown[]): { readonly host?: string; readonly port?: number } {
  const [first, second] = args;
  if (Array.isArray(first)) return destinationOf(first);
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { readonly host?: unknown; readonly port?: unknown; readonly path?: unknown };
    return path === undefined || path === null ? placeOf(host, port) : {};
  }
  return placeOf(second, first);
}

function placeOf(host: unknown, port: unknown): { readonly host: string; readonly port: number } {
  const name = typeof host === 'string' && host !== '' ? host : 'localhost';
  return {
    host: name
      .toLowerCase()
      .replace(/\.$/, '')
      .replace(/^\[|\]$/g, ''),
    port: Number(port),
  };
}

const isUrl = (value: unknown): value is string => typeof value === 'string' && URL.canParse(value);

function ofUrl(url: string): EgressRule {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port) };
}

/** With `+srv` the nodes are below the same domain, which the driver checks too (MongoDB, initial DNS seedlist). */
function databaseRules(uri: string): EgressRule[] {
  const [, scheme, hosts = ''] = MONGODB_URI.exec(uri) ?? [];
  if (scheme === undefined) return [];
  if (scheme === 'mongodb+srv') return [{ host: hosts.slice(hosts.indexOf('.')).toLowerCase(), port: undefined }];
  return hosts.split(',').map((place) => {
    const [, host = '', port = '27017'] = /^(.*?)(?::(\d+))?$/.exec(place) ?? [];
    return { host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: Number(port) };
  });
}
