import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { Page, ProblemAnswer } from './schema.ts';

declare module 'fastify' {
  interface FastifySchema {
    /**
     * Shapes of the answers by status, for the OpenAPI document alone. Fastify's own `response` would also serialise
     * through them, which costs a list more than all the rest of its request (docs/performance.md).
     */
    answers?: Readonly<Record<number, object>>;
    /** Errors of this route beside those that any route may answer; 409 and 502 are what reading the CRM adds. */
    errors?: readonly (keyof typeof ROUTE_ERRORS)[];
  }
}

/** What a route of its own may answer, and why. */
const ROUTE_ERRORS = {
  401: 'The sign-in is over, or Salesforce ended its session: sign in.',
  403: 'Not allowed: `code` says by whom, `action` what to do.',
  404: 'There is no such record, or it is not yours.',
  409: 'Something in Salesforce or in the settings stands in the way: `code` says what.',
  421: 'The customer\u2019s data lives in another region: `url` names it.',
  422: 'Refused by a rule.',
  502: 'Salesforce sent something that cannot be read.',
} as const;

/** What any route may answer, and why. A route adds its own under `answers`. */
const COMMON_ERRORS = {
  400: 'A parameter or a field is wrong: `field` and `rule` say which and how.',
  429: 'Too many requests: wait `retryAfter` seconds.',
  500: 'Something went wrong in OneShot.',
  503: 'The database or the CRM is away: try again.',
} as const;
const SESSION_ERRORS = {
  401: 'No session, or it ended: sign in.',
  403: 'Not allowed, or a bearer from another page.',
} as const;
const BODY_ERRORS = { 413: 'The body is too large.', 415: 'The body is not application/json.' } as const;

/** Serves the OpenAPI 3.1 document, made of the route schemas, at `/openapi.json`. Register it before the routes. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'OneShot for Salesforce', version, description: 'The paying customers of a sales rep.' },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({
      schema: documented(schema as FastifySchema | undefined, url, route),
      url,
    }),
  });
  let document: string | undefined;
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });
}

function documented(
  schema: FastifySchema | undefined,
  url: string,
  { method, config }: { readonly method: string | string[]; readonly config?: { open?: boolean } },
): FastifySchema {
  if (schema?.hide === true || !(url.startsWith('/v1/') || schema?.answers !== undefined)) return { hide: true };
  const { answers, response: declared, errors: own = [], ...rest } = schema ?? {};
  const isOpen = config?.open === true;
  const errors = url.startsWith('/v1/')
    ? { ...COMMON_ERRORS, ...(isOpen ? {} : SESSION_ERRORS), ...(mayBringBody(method) ? BODY_ERRORS : {}) }
    : {};
  const shapes = { ...(declared as Readonly<Record<string, object>> | undefined), ...answers };
  // A route of the popup tells everything in a page.
  const failure = Object.values(shapes).includes(Page) ? { content: Page.content } : ProblemAnswer;
  const response: Record<string, object> = {};
  for (const status of own) response[status] = { description: ROUTE_ERRORS[status], ...failure };
  for (const [status, description] of Object.entries(errors)) response[status] = { description, ...failure };
  Object.assign(response, shapes);
  return {
    ...rest,
    tags: [url.split('/')[2] ?? 'service'],
    ...(isOpen ? { security: [] } : {}),
    response,
  };
}

/** Whoever sends a body where none is taken is told so in the same way. */
function mayBringBody(method: string | string[]): boolean {
  return [method].flat().some((one) => one !== 'GET' && one !== 'HEAD');
}
