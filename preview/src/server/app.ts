import { createHash } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import type { Site } from '../bundle/app.ts';
import { contentSecurityPolicy, renderPage, type Language } from './page.ts';
import { readRecord } from './records.ts';
import { chooseEncoding, readSite } from './static-files.ts';

/** Id of the person who is signed in to the Lightning that the preview stands in for; synthetic. */
const USER_ID = '005000000000001AAA';

/**
 * Serves the built site: one document at every page address of Lightning, and its files.
 * @param folder the built site
 * @param sandboxUrl whose records the record pages name; without it none is found
 * @throws Error where the site is not built
 */
export async function createPreview(folder: string, backendUrl: string, sandboxUrl?: string): Promise<FastifyInstance> {
  const files = await readSite(folder).catch(() => new Map<string, never>());
  const manifest = files.get('/site.json');
  if (manifest === undefined) throw new Error('The preview is not built: run "npm run build"');
  const site = JSON.parse(String(manifest.encodings.get('identity'))) as Site;
  const app = fastify({ logger: false, requestTimeout: 10_000 });
  const policy = contentSecurityPolicy(backendUrl);

  app.addHook('onSend', async (_request, reply) => {
    void reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'accept-encoding',
    });
  });

  // The backend accepts one origin; `localhost` is another one, though it is the same server.
  app.addHook('onRequest', async (request, reply) => {
    const { host } = request.headers;
    if (!host?.startsWith('localhost')) return;
    return reply.redirect(`http://${host.replace('localhost', '127.0.0.1')}${request.url}`);
  });

  const page = (language: Language): string =>
    renderPage(site, { backendUrl, userId: USER_ID, permissions: ['OneShot_User'] }, language);
  const documents = { en: page('en'), de: page('de') };
  for (const path of ['/', '/lightning/*']) {
    app.get<{ Querystring: { lang?: string } }>(path, async (request, reply) => {
      return reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(documents[request.query.lang === 'de' ? 'de' : 'en']);
    });
  }

  app.get<{ Params: { object: string; id: string }; Querystring: { fields?: string } }>(
    '/preview/record/:object/:id',
    async ({ params: { object, id }, query }, reply) => {
      const fields = (query.fields ?? '').split(',').filter((path) => path !== '');
      const record = sandboxUrl === undefined ? undefined : await readRecord(sandboxUrl, object, id, fields);
      void reply.header('cache-control', 'no-store');
      return record ?? reply.code(404).send({ message: 'There is no such record.' });
    },
  );

  app.get('/*', async (request, reply) => {
    const path = new URL(request.url, 'http://preview').pathname;
    const file = files.get(path);
    if (file === undefined) return reply.code(404).type('text/plain').send('There is no such file.');
    const encoding = chooseEncoding(file, request.headers['accept-encoding']);
    const body = file.encodings.get(encoding) ?? Buffer.alloc(0);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    // Names carry a hash of what is inside, but for the style sheet of the page.
    const cacheControl = /-[\w-]{8}\.js$|^\/platform\//.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
    void reply.headers({ etag, 'cache-control': cacheControl });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    if (encoding !== 'identity') void reply.header('content-encoding', encoding);
    return reply.type(file.type).send(body);
  });
  return app;
}
