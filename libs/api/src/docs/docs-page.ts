/** The browsable page. Everything it needs comes from this server. @param prefix path of the server behind a proxy */
export function docsPage(prefix: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Semblance API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">
<link rel="stylesheet" href="${prefix}/docs/docs.css">
</head>
<body>
<header class="masthead">
<div class="masthead-inner">
<p class="wordmark">Semblance</p>
<p class="tagline">Who is in this picture?</p>
<nav><a href="${prefix}/openapi.json">openapi.json</a><a href="${prefix}/api/healthz">health</a></nav>
</div>
</header>
<main id="docs" data-description="${prefix}/openapi.json"></main>
<noscript><p class="noscript">This page needs JavaScript; the description itself is <a href="${prefix}/openapi.json">openapi.json</a>.</p></noscript>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script>
<script src="${prefix}/docs/docs.js"></script>
</body>
</html>
`
}

/**
 * Where a call takes a picture, the page offers to send a file: nobody has one at hand as Base64. Only the page has the
 * form first; tools that make clients from `/openapi.json` take the first kind of body, and programs send JSON.
 *
 * Without `validatorUrl: null` the page would ask a public server for a badge. Swagger UI fills in every field of a form
 * and sends the empty ones, too, so that a search by a photo alone would be a matter of clearing a dozen fields. A form
 * that holds nothing counts as edited to it, and would be sent in place of the JSON that is chosen then.
 */
export const docsScript = `const FORM = 'multipart/form-data'
const withFormFirst = (description) => {
  for (const operations of Object.values(description.paths ?? {}))
    for (const { requestBody } of Object.values(operations))
      if (requestBody?.content?.[FORM]) requestBody.content = { [FORM]: requestBody.content[FORM], ...requestBody.content }
  return description
}
const filesFirst = () => ({
  statePlugins: {
    spec: { wrapActions: { updateJsonSpec: (update) => (description) => update(withFormFirst(description)) } },
    oas3: { wrapSelectors: { hasUserEditedBody: () => () => false } },
  },
})
const onlyWhatIsFilledIn = () => ({
  wrapComponents: {
    JsonSchemaForm: (Original, { React }) => (props) => {
      const dispatchInitialValue = props.dispatchInitialValue && props.required
      return React.createElement(Original, { ...props, dispatchInitialValue })
    },
    ParameterIncludeEmpty: () => () => null,
  },
})
SwaggerUIBundle({
  url: document.getElementById('docs').dataset.description,
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: 'list',
  persistAuthorization: false,
  plugins: [filesFirst, onlyWhatIsFilledIn],
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

export const docsStyle = `:root { --ink: #14213d; --paper: #fbfaf7; --line: #dcd8ce; --accent: #0f766e; }
body { margin: 0; background: var(--paper); color: var(--ink); font-family: ui-sans-serif, system-ui, sans-serif; }
.masthead { background: var(--ink); color: var(--paper); }
.masthead-inner { max-width: 1460px; margin: 0 auto; padding: 18px 20px; display: flex; align-items: baseline; gap: 18px; flex-wrap: wrap; box-sizing: border-box; }
.masthead p { margin: 0; }
.wordmark { font-size: 22px; font-weight: 650; letter-spacing: -0.01em; }
.tagline { opacity: 0.75; }
.masthead nav { margin-left: auto; display: flex; gap: 18px; }
.masthead a { color: inherit; font-size: 14px; text-underline-offset: 3px; }
.masthead a:focus-visible { outline: 2px solid var(--paper); outline-offset: 3px; }
.noscript { padding: 20px; }
.swagger-ui { font-family: inherit; }
.swagger-ui .info { margin: 24px 0; }
.swagger-ui .info .title, .swagger-ui .opblock-tag, .swagger-ui .info p, .swagger-ui .info li { color: var(--ink); font-family: inherit; }
.swagger-ui .scheme-container { background: transparent; box-shadow: none; border-block: 1px solid var(--line); padding: 14px 0; }
.swagger-ui .opblock-tag { border-bottom-color: var(--line); }
.swagger-ui .opblock { border-radius: 6px; box-shadow: none; }
.swagger-ui [data-property-name] textarea { min-height: 76px; height: 76px; }
.swagger-ui .btn.execute { background: var(--accent); border-color: var(--accent); }
.swagger-ui .btn.authorize { color: var(--accent); border-color: var(--accent); }
.swagger-ui .btn.authorize svg { fill: var(--accent); }
`
