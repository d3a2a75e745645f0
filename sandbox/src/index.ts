import { buildApp, type SandboxSettings } from './app.ts';

export { type SandboxSettings } from './app.ts';
export { defaultClient } from './start-clients.ts';

/** Where the default client is sent back to unless the settings say otherwise: the backend on its default port. */
export const defaultRedirectUris: readonly string[] = ['http://127.0.0.1:4000/v1/auth/salesforce/callback'];

/** A sandbox that listens. */
export interface RunningSandbox {
  /** `http://127.0.0.1:PORT`; each provider is below, such as `${url}/salesforce`. */
  readonly url: string;
  /** Cuts open connections and stops. */
  close(): Promise<void>;
}

/**
 * Starts the sandbox on loopback.
 * @param options.port 0 (the default here) is any free port
 * @throws where the port is taken, or `accountsCsv` cannot be read
 */
export async function startSandbox(
  options: Partial<SandboxSettings> & { readonly port?: number } = {},
): Promise<RunningSandbox> {
  let origin = '';
  const settings = { ...options, redirectUris: options.redirectUris ?? defaultRedirectUris };
  const app = await buildApp(settings, () => origin);
  origin = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return { url: origin, close: () => app.close() };
}
