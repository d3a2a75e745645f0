import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import { Exact } from '../http/schema.ts';
import { readAccount } from './account-detail.ts';
import { AccountAnswer, AccountsAnswer, NotModified, RefreshAnswer } from './answers.ts';
import type { PayingAccounts } from './paying-accounts.ts';
import { AccountsQuery, etagOf, isNamed, listQuery, takesGzip } from './query.ts';

const compress = promisify(gzip);

const JSON_TYPE = 'application/json; charset=utf-8';

/** Below this a page does not get smaller enough, bytes. */
const GZIP_FROM = 1_024;
/** Measured on pages of 50 rows (docs/performance.md): a tenth more bytes than level 6, for half of its time. */
const GZIP_LEVEL = 1;

/** Paying accounts of the signed-in rep. Source: API.md, DESIGN 4. */
export const accountRoutes: FastifyPluginAsyncTypebox<{ readonly accounts: PayingAccounts }> = async (
  app,
  { accounts },
) => {
  app.get(
    '/v1/accounts',
    {
      schema: {
        summary: 'The rep’s paying accounts',
        querystring: AccountsQuery,
        response: { 200: AccountsAnswer, 304: NotModified },
        errors: [409, 502],
      },
    },
    async (request, reply) => {
      const query = listQuery(request.query);
      const isGzipped = takesGzip(request.headers['accept-encoding']);
      const options = { signal: abortSignal(request), isPartial: request.query.partial === true, order: query };
      const answer = await accounts.withList(request.rep, options, ({ list, freshness }) => {
        const etag = freshness.complete ? etagOf(list.id, query, isGzipped) : undefined;
        if (etag !== undefined && isNamed(etag, request.headers['if-none-match'])) return { etag };
        const after = `,"freshness":${JSON.stringify(freshness)}}`;
        const body = list.page(query, (matched) => {
          return { before: `{"total":${freshness.total},"matched":${matched},"rows":`, after };
        });
        return { etag, body };
      });
      const vary = reply.getHeader('vary');
      reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`);
      if (answer.etag !== undefined) reply.header('etag', answer.etag);
      if (answer.body === undefined) return reply.code(304).send(undefined);
      reply.type(JSON_TYPE);
      if (!isGzipped || answer.body.length < GZIP_FROM) return reply.send(answer.body);
      return reply.header('content-encoding', 'gzip').send(await compress(answer.body, { level: GZIP_LEVEL }));
    },
  );

  app.post(
    '/v1/accounts/refresh',
    { schema: { summary: 'Pull the list again', response: { 202: RefreshAnswer }, errors: [409, 502] } },
    async (request, reply) => {
      const freshness = await accounts.refresh(request.rep, abortSignal(request));
      return reply.code(202).type(JSON_TYPE).send(JSON.stringify({ freshness }));
    },
  );

  app.get(
    '/v1/accounts/:id',
    {
      schema: {
        summary: 'One account, read live',
        params: Exact({ id: CrmId('account') }),
        response: { 200: AccountAnswer },
        errors: [404, 409, 502],
      },
    },
    async (request, reply) => {
      const settings = await accounts.settingsOf(request.rep);
      const account = await readAccount(request.rep, request.params.id, settings, abortSignal(request));
      return reply.type(JSON_TYPE).send(JSON.stringify({ account }));
    },
  );
};
