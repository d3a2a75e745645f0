import type { Site } from '../bundle/app.ts';

/** Languages that the package brings; the first is the default. */
export type Language = 'en' | 'de';

/**
 * What Lightning's own policy allows, and no more: no inline script, no eval, calls only to this page and the backend.
 * Inline styles are allowed because LWC's engine and the base components set them, in Lightning, too.
 */
export function contentSecurityPolicy(backendUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ${backendUrl}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** What the page needs to know before its first script runs; read by page/preview/platform. */
export interface PageConfig {
  backendUrl: string;
  userId: string;
  permissions: string[];
}

/** The one HTML document. Data lies in a JSON block, which is never run. */
export function renderPage(site: Site, config: PageConfig, language: Language): string {
  const json = JSON.stringify(config).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OneShot | Lightning preview</title>
<link rel="icon" href="data:,">
${site.styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
${site.preload.map((href) => `<link rel="modulepreload" href="${href}">`).join('\n')}
<script type="application/json" id="preview-config">${json}</script>
<script type="module" src="${site.script}"></script>
</head>
<body class="slds-scope slds-color-scheme_system"></body>
</html>
`;
}
