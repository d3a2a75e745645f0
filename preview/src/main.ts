import { ConfigError, readConfig } from './config.ts';
import { paths } from './paths.ts';
import { createPreview } from './server/app.ts';

/** Process: settings, server, listen, stop. */
try {
  const { port, backendUrl, sandboxUrl } = readConfig(process.env);
  const app = await createPreview(paths.site, backendUrl, sandboxUrl);
  const url = await app.listen({ port, host: '127.0.0.1' });
  process.stdout.write(`${JSON.stringify({ event: 'listening', part: 'preview', url, backendUrl })}\n`);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `Port ${process.env.PREVIEW_PORT ?? '4200'} is in use: set PREVIEW_PORT to another one`;
  }
  return error instanceof Error ? error.message : String(error);
}
