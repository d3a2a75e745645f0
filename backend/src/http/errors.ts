import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { LedgerUnavailable } from '../ledger/ledger.ts';
import { events } from './events.ts';
import type { Log } from './log.ts';
import { ProblemError } from './problem.ts';
import { BodyTooLarge, ClientGone, DatabaseUnavailable, Internal, Invalid, MediaTypeUnsupported } from './problems.ts';
import { invalidFrom } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the problem that was answered, for the log line. */
    problemCode: string | undefined;
  }
}

/**
 * The problem to answer with, whatever was thrown; what we did not foresee is logged, as a class and a place.
 * For routes that answer in HTML, too.
 */
export function wordProblem(log: Log, error: unknown, request?: FastifyRequest): ProblemError {
  const known = problemOf(error, request);
  if (known !== undefined) return known;
  log.error(events.unexpectedError, {
    request: request?.id,
    route: request?.routeOptions.url,
    ...placeOf(error),
  });
  return new Internal();
}

/** The error answer of API.md. The body holds nothing but our own words. */
export function sendProblem({ problem }: ProblemError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, ...rest } = problem;
  request.problemCode = problem.code;
  if (problem.retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(problem.retryAfter)));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { ...rest, requestId: request.id } }));
}

/** @returns undefined for what we did not foresee */
function problemOf(error: unknown, request: FastifyRequest | undefined): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (request?.raw.socket.destroyed === true) return new ClientGone();
  if (isDatabaseUnavailable(error) || error instanceof LedgerUnavailable) return new DatabaseUnavailable();
  if (!(error instanceof Error)) return undefined;
  const { validation, validationContext, code, statusCode } = error as Partial<FastifyError>;
  if (validation !== undefined) return invalidFrom(validation, validationContext ?? 'body');
  const refusal = REFUSALS[code ?? ''];
  if (refusal !== undefined) return refusal();
  return statusCode === 400 ? new Invalid('body', 'json', 'The body is not JSON, or was cut off.') : undefined;
}

/** What Fastify refuses by itself, by its error code. */
const REFUSALS: Readonly<Record<string, () => ProblemError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new BodyTooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new MediaTypeUnsupported(),
  FST_ERR_CTP_EMPTY_TYPE: () => new MediaTypeUnsupported(),
  FST_ERR_BAD_URL: () => new Invalid('url', 'encoding', 'This address holds broken percent-encoding.'),
};

/** Where it happened: the error's class and our own innermost line, never the error's text. */
export function placeOf(error: unknown): { readonly errorClass: string; readonly place: string } {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  const frame =
    error instanceof Error ? /\/backend\/(?:src|dist)\/([^\s:]+?)\.[jt]s:(\d+)/.exec(error.stack ?? '') : null;
  return {
    errorClass: codeOf(name),
    place: codeOf(frame === null ? 'elsewhere' : `${frame[1] ?? ''}_${frame[2] ?? ''}`),
  };
}

/** A class name or a path of ours as the log's kind `code`. */
function codeOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
}
