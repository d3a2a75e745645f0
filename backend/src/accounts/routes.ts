import { gzipSync } from 'node:zlib';
import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { abortSignal } from '../http/abort.ts';
import { VARY } from '../http/cors.ts';
import { CrmId } from '../http/crm-id.ts';
import { Exact } from '../http/schema.ts';
import { readAccount } from './account-detail.ts';
import { AccountAnswer, AccountsAnswer, NotModified, RefreshAnswer, SimilarAnswer } from './answers.ts';
import type { Freshness } from './freshness.ts';
import type { AccountList, Around, ListQuery } from './list/account-list.ts';
import type { PageBuffers } from './list/page-buffers.ts';
import type { PayingAccounts } from './paying-accounts.ts';
import { AccountsQuery, etagOf, isNamed, listQuery, takesGzip } from './query.ts';
import { similarAccounts } from './similar/similar.ts';

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
      const options = {
        signal: () => abortSignal(request), // most answers come from memory and wait for nothing
        isPartial: request.query.partial === true,
        isContinued: query.offset > 0,
        order: query,
      };
      const ifNoneMatch = request.headers['if-none-match'];
      const isGzipped = takesGzip(request.headers['accept-encoding']);
      const cut = await accounts.withList(request.rep, options, ({ list, freshness }): Cut => {
        const etag = freshness.complete ? etagOf(list.id, query, isGzipped) : undefined;
        if (etag !== undefined && isNamed(etag, ifNoneMatch)) return { etag, done: nothingHeld };
        const { answers } = list.store;
        const isKept = etag !== undefined && freshness.source === 'memory';
        const known = isKept ? answers.find(etag) : undefined;
        if (known !== undefined) return { etag, bytes: known.bytes, isPacked: isGzipped, done: known.done };
        const bytes = pageOf(list, query, freshness, accounts.pages);
        const done = (): void => accounts.pages.giveBack(bytes);
        const offer = (sent: Buffer): void => (list.isErased ? undefined : answers.offer(list.id, etag ?? '', sent));
        return { etag, bytes, isPacked: false, done, ...(isKept ? { offer } : {}) };
      });
      reply.header('vary', `${VARY}, Accept-Encoding`);
      if (cut.etag !== undefined) reply.header('etag', cut.etag);
      if (cut.bytes === undefined) return reply.code(304).send(undefined);
      reply.type(JSON_TYPE);
      if (!cut.isPacked && isGzipped && cut.bytes.length >= GZIP_FROM) {
        const packed = packedPage(cut.bytes, cut.done);
        cut.offer?.(packed);
        return reply.header('content-encoding', 'gzip').send(packed);
      }
      // The bytes stay as they are until the answer is out, or the client is gone; then they are overwritten.
      if (reply.raw.destroyed) cut.done();
      else reply.raw.once('close', cut.done);
      if (cut.isPacked) return reply.header('content-encoding', 'gzip').send(cut.bytes);
      if (!isGzipped) cut.offer?.(cut.bytes);
      return reply.send(cut.bytes);
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
    '/v1/accounts/:id/similar',
    {
      schema: {
        summary: 'The paying customers that are most like an account',
        params: Exact({ id: CrmId('account') }),
        querystring: Exact({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: 'Default 10' })),
        }),
        response: { 200: SimilarAnswer },
        errors: [404, 409, 502],
      },
    },
    async (request, reply) => {
      const { rep, params, query } = request;
      const similar = await similarAccounts(accounts, rep, params.id, query.limit ?? 10, abortSignal(request));
      return reply.type(JSON_TYPE).send(JSON.stringify(similar));
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
      const readWith = await accounts.readWith(request.rep);
      const account = await readAccount(request.rep, request.params.id, readWith, abortSignal(request));
      return reply.type(JSON_TYPE).send(JSON.stringify({ account }));
    },
  );
};

/** What a list request is answered with: an ETag alone (304), an answer that is kept, or a page. */
interface Cut {
  readonly etag: string | undefined;
  readonly bytes?: Buffer;
  /** Whether the bytes are compressed already. */
  readonly isPacked?: boolean;
  /** To be called when nobody reads the bytes any more. */
  readonly done: () => void;
  /** Keeps what was sent for whoever asks the same again. */
  readonly offer?: (sent: Buffer) => void;
}

function pageOf(list: AccountList, query: ListQuery, freshness: Freshness, pages: PageBuffers): Buffer {
  const around = (matched: number): Around => ({
    before: `{"total":${freshness.total},"matched":${matched},"rows":`,
    after: `,"freshness":${JSON.stringify(freshness)}}`,
  });
  return list.page(query, around, pages.take);
}

/**
 * Compresses a page here and now, and gives its buffer back. Another thread would take as long again to be told and asked;
 * a page of 50 rows holds the others up for a seventh of a millisecond, the largest for less than one.
 */
function packedPage(page: Buffer, done: () => void): Buffer {
  try {
    return gzipSync(page, { level: GZIP_LEVEL });
  } finally {
    done();
  }
}

const nothingHeld = (): void => undefined;
