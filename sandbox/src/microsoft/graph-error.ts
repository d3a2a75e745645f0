import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A refusal of Graph (FACTS F). */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'GraphError';
    this.status = status;
    this.code = code;
  }
}

/** Sends a refusal. @param now epoch milliseconds */
export function sendGraphError(reply: FastifyReply, { status, code, message }: GraphError, now: number): FastifyReply {
  const id = randomUUID();
  const innerError = { date: new Date(now).toISOString().slice(0, 19), 'request-id': id, 'client-request-id': id };
  return reply.status(status).send({ error: { code, message, innerError } });
}
