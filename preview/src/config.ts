/** Settings of the preview's server. */
export interface Config {
  /** Where to listen on 127.0.0.1; 0 takes any free port. */
  port: number;
  /** Origin of the backend that the page talks to. */
  backendUrl: string;
  /** Origin of the sandbox, whose records the record pages name; without it they name none. */
  sandboxUrl?: string;
}

/** A setting that is malformed; the message names it. */
export class ConfigError extends Error {}

/**
 * Reads the settings.
 * @throws ConfigError with one line that names the setting
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const sandboxUrl = environment.ONESHOT_SANDBOX_URL ?? '';
  return {
    port: port(environment.PREVIEW_PORT ?? '4200'),
    backendUrl: origin('ONESHOT_BACKEND_URL', environment.ONESHOT_BACKEND_URL ?? 'http://127.0.0.1:4000'),
    ...(sandboxUrl !== '' && { sandboxUrl: origin('ONESHOT_SANDBOX_URL', sandboxUrl) }),
  };
}

function port(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65_535) return number;
  throw new ConfigError(`PREVIEW_PORT must be a number from 0 to 65535, not "${value}"`);
}

/** Strict, because it goes into the content security policy. */
function origin(name: string, value: string): string {
  if (URL.canParse(value) && /^https?:\/\/([\w.-]+|\[[\da-f:]+\])(:\d+)?\/?$/i.test(value))
    return new URL(value).origin;
  throw new ConfigError(`${name} must be an origin such as http://127.0.0.1:4000, not "${value}"`);
}
