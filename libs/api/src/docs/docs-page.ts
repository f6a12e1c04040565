/** The browsable page. Everything it needs comes from this server. @param prefix path of the server behind a proxy */
export function docsPage(prefix: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Semblance</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">
<link rel="stylesheet" href="${prefix}/docs/docs.css">
</head>
<body>
<header class="masthead">
<div class="masthead-inner">
<a class="wordmark" href="${prefix}/">${MARK}<span>Semblance</span></a>
<nav aria-label="Semblance"><a href="${prefix}/">Console</a><a href="${prefix}/docs" aria-current="page">API</a><a href="${prefix}/openapi.json">openapi.json</a><a href="${prefix}/api/healthz">health</a></nav>
</div>
</header>
<div id="docs" data-prefix="${prefix}" data-description="${prefix}/openapi.json"></div>
<noscript><p class="noscript">This page needs JavaScript; the description itself is <a href="${prefix}/openapi.json">openapi.json</a>.</p></noscript>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script>
<script src="${prefix}/docs/docs.js"></script>
</body>
</html>
`
}

/** As the console draws it (`apps/console/src/shell.tsx`). */
const MARK =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7"/><path d="M8 13V10a2 2 0 0 1 2-2h3M19 8h3a2 2 0 0 1 2 2v3M24 19v3a2 2 0 0 1-2 2h-3M13 24h-3a2 2 0 0 1-2-2v-3"/><circle cx="16" cy="16" r="3.4"/></svg>'
