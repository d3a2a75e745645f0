import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SalesforceOrg } from '../org/org.ts';
import { SalesforceError } from '../error.ts';
import { objectSummary } from './describe.ts';
import type { Call } from './plugin.ts';
import { Rows, type Sent } from './rows.ts';
import { withSlash } from './slash.ts';

interface Params {
  readonly object: string;
  readonly id: string;
  readonly key: string;
  readonly value: string;
}

const paramsOf = (request: FastifyRequest): Params => request.params as Params;

/** Single records below `/sobjects` (FACTS B, "Own records"). */
export function rowRoutes(app: FastifyInstance, org: SalesforceOrg, callOf: (request: FastifyRequest) => Call): void {
  const rowsOf = (request: FastifyRequest): Rows => new Rows(org, callOf(request).user);

  const summary = async (request: FastifyRequest): Promise<object> => {
    const { user, base } = callOf(request);
    const object = rowsOf(request).object(paramsOf(request).object);
    return { objectDescribe: objectSummary(org, user, object, base), recentItems: [] };
  };

  const create = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const rows = rowsOf(request);
    const id = rows.create(rows.object(paramsOf(request).object), bodyOf(request));
    return reply.status(201).send({ id, success: true, errors: [] });
  };
  for (const path of withSlash('/sobjects/:object')) {
    app.get(path, summary);
    app.post(path, create);
  }

  app.get('/sobjects/:object/:id', async (request) => {
    const rows = rowsOf(request);
    const { object: name, id } = paramsOf(request);
    const object = rows.object(name);
    return rows.show(object, rows.find(object, id), fieldsOf(request), callOf(request).base);
  });

  app.patch('/sobjects/:object/:id', async (request, reply) => {
    const rows = rowsOf(request);
    const { object: name, id } = paramsOf(request);
    const object = rows.object(name);
    rows.update(object, rows.find(object, id), bodyOf(request));
    return reply.status(204).send();
  });

  app.delete('/sobjects/:object/:id', async (request, reply) => {
    const rows = rowsOf(request);
    const { object: name, id } = paramsOf(request);
    const object = rows.object(name);
    rows.remove(object, rows.find(object, id));
    return reply.status(204).send();
  });

  app.get('/sobjects/:object/:key/:value', async (request, reply) => {
    const rows = rowsOf(request);
    const { object: name, key, value } = paramsOf(request);
    const { base } = callOf(request);
    const object = rows.object(name);
    const found = rows.findByKey(object, rows.keyField(object, key), value);
    const [row] = found;
    if (row === undefined) throw new SalesforceError(404, 'NOT_FOUND', 'The requested resource does not exist');
    if (found.length > 1) return sendChoices(reply, base, object.name, found);
    return rows.show(object, row, fieldsOf(request), base);
  });

  app.patch('/sobjects/:object/:key/:value', async (request, reply) => {
    const rows = rowsOf(request);
    const { object: name, key, value } = paramsOf(request);
    const { updateOnly } = request.query as { updateOnly?: string };
    const object = rows.object(name);
    const field = rows.keyField(object, key);
    const body = bodyOf(request);
    if (Object.keys(body).some((sent) => sent.toLowerCase() === field.name.toLowerCase())) {
      const sentence = `The ${field.name} field should not be specified in the sobject data.`;
      throw new SalesforceError(400, 'INVALID_FIELD', sentence);
    }
    const found = rows.findByKey(object, field, value);
    const [row] = found;
    if (found.length > 1) return sendChoices(reply, callOf(request).base, object.name, found);
    if (row !== undefined) {
      rows.update(object, row, body);
      return reply.status(200).send({ id: row.Id, success: true, errors: [], created: false });
    }
    if (updateOnly === 'true') throw new SalesforceError(404, 'NOT_FOUND', 'The requested resource does not exist');
    const id = rows.create(object, { ...body, [field.name]: value });
    return reply.status(201).send({ id, success: true, errors: [], created: true });
  });
}

/** Several records hold the value: their addresses, status 300. */
function sendChoices(reply: FastifyReply, base: string, object: string, rows: readonly { Id: string }[]): FastifyReply {
  return reply.status(300).send(rows.map(({ Id }) => `${base}/sobjects/${object}/${Id}`));
}

function bodyOf(request: FastifyRequest): Sent {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new SalesforceError(
      400,
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this request has no entity body.',
    );
  }
  return body as Sent;
}

function fieldsOf(request: FastifyRequest): string[] | undefined {
  const { fields } = request.query as { fields?: string };
  return fields === undefined
    ? undefined
    : fields
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
}
