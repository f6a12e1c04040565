/**
 * The console's colours and sizes (`apps/console/src/look/tokens.css`) over those of Swagger UI, in both themes. `:root` makes the
 * rules weigh as much as the dark ones of Swagger UI, which come earlier. There is one server and no link between calls to show.
 */
export const docsStyle = `:root { color-scheme: light; --ground: light-dark(#f5f4f1, #0f1316); --surface: light-dark(#ffffff, #171c21); --well: light-dark(#eceae5, #0a0d0f); --line: light-dark(#dcd9d1, #2b333b); --line-strong: light-dark(#8b8d8f, #6b7680); --ink: light-dark(#151c26, #e9edf0); --quiet: light-dark(#57606c, #9ba7b2); --accent: light-dark(#0f766e, #4fc5b6); --on-accent: light-dark(#ffffff, #06201d); --accent-wash: light-dark(#e0f0ee, #12302d); --bad: light-dark(#a8261c, #ff9a8f); }
html.dark-mode { color-scheme: dark; background: var(--ground); }
body { margin: 0; background: var(--ground); color: var(--ink); font: 400 0.875rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.masthead { border-bottom: 1px solid var(--line); }
.masthead-inner { max-width: 1460px; margin: 0 auto; padding: 16px 20px; display: flex; align-items: center; gap: 8px 24px; flex-wrap: wrap; box-sizing: border-box; }
.wordmark { display: flex; align-items: center; gap: 10px; color: var(--ink); font-size: 1.125rem; font-weight: 650; letter-spacing: -0.015em; text-decoration: none; }
.wordmark svg { width: 28px; height: 28px; }
.wordmark rect { fill: var(--accent); }
.wordmark path { fill: none; stroke: var(--on-accent); stroke-width: 2.2; stroke-linecap: round; }
.wordmark circle { fill: var(--on-accent); }
.masthead nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: 4px; }
.masthead nav a { display: flex; align-items: center; min-height: 36px; padding: 0 10px; border-radius: 6px; color: var(--ink); text-decoration: none; }
.masthead nav a:hover { background: var(--well); }
.masthead nav a[aria-current] { background: var(--accent-wash); color: var(--accent); font-weight: 600; }
.noscript { padding: 20px; }
html:root .swagger-ui, html.dark-mode .swagger-ui { background: transparent; color: var(--ink); font-family: inherit; }
html:root .swagger-ui .info { margin: 24px 0; }
html:root .swagger-ui .info .title { font-size: 1.625rem; }
html:root .swagger-ui :is(.info .title, .info p, .info li, .opblock-tag, .opblock-tag small, .opblock-description-wrapper p, .opblock .opblock-section-header h4, .opblock .opblock-section-header > label, .tab li, table thead tr td, table thead tr th, .parameter__name, .parameter__type, .response-col_status, .response-col_links, .responses-inner h4, .responses-inner h5, .model, .model-title, section.models h4, .opblock-title_normal, label) { color: var(--ink); font-family: inherit; }
html:root .swagger-ui :is(.opblock-tag small, .parameter__type, .prop-format, .parameter__in, .opblock .opblock-summary-description, .renderedMarkdown p, .json-schema-2020-12-expand-deep-button) { color: var(--quiet); }
html:root .swagger-ui .info .title small, html:root .swagger-ui .info .title small.version-stamp { background: transparent; border: 1px solid var(--line-strong); }
html:root .swagger-ui .info .title small pre { color: var(--ink); }
html:root .swagger-ui a, html:root .swagger-ui .info a { color: var(--accent); }
html:root .swagger-ui .scheme-container { background: transparent; box-shadow: none; padding: 0 0 8px; }
html:root .swagger-ui .scheme-container .schemes-server-container, html:root .swagger-ui .scheme-container :is(.servers, .servers-title) { display: none; }
html:root .swagger-ui .response-col_links { display: none; }
html:root .swagger-ui .opblock-tag { font-size: 1.125rem; border-bottom-color: var(--line); }
html:root .swagger-ui .opblock.opblock.opblock, html.dark-mode .swagger-ui .opblock.opblock.opblock { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; box-shadow: none; }
html:root .swagger-ui .opblock.opblock.opblock .opblock-summary { border-color: var(--line); }
html:root .swagger-ui .opblock.opblock.opblock .opblock-summary-method { background: transparent; border: 1px solid var(--line-strong); color: var(--ink); text-shadow: none; }
html:root .swagger-ui .opblock.opblock.opblock-post .opblock-summary-method { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
html:root .swagger-ui .opblock.opblock.opblock-delete .opblock-summary-method { border-color: var(--bad); color: var(--bad); }
html:root .swagger-ui :is(.opblock .opblock-summary-path, .opblock .opblock-summary-path__deprecated) { color: var(--ink); }
html:root .swagger-ui .opblock.opblock.opblock .opblock-section-header { background: transparent; box-shadow: none; border-bottom: 1px solid var(--line); }
html:root .swagger-ui .opblock.is-open .tab-header .tab-item.active h4 span::after { background: var(--accent); }
html:root .swagger-ui :is(input[type=text], input[type=search], input[type=password], input[type=file], textarea, select) { background: var(--surface); color: var(--ink); border: 1px solid var(--line-strong); border-radius: 6px; }
html:root .swagger-ui [data-property-name] textarea { min-height: 76px; height: 76px; }
html:root .swagger-ui .btn { color: var(--ink); border-color: var(--line-strong); border-radius: 6px; box-shadow: none; }
html:root .swagger-ui .btn.execute { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
html:root .swagger-ui .btn.cancel { color: var(--bad); border-color: var(--bad); }
html:root .swagger-ui .btn.authorize { color: var(--accent); border-color: var(--accent); }
html:root .swagger-ui .btn.authorize svg { fill: var(--accent); }
html:root .swagger-ui section.models { background: var(--surface); border-color: var(--line); border-radius: 8px; }
html:root .swagger-ui :is(.opblock svg, .opblock-tag svg, section.models svg) { fill: var(--quiet); }
html:root .swagger-ui .microlight { background: #0f1316 !important; border-radius: 8px; }
html:root .swagger-ui .microlight span[style*="211, 99, 99"] { color: #f2a7a7 !important; }
html:root .swagger-ui .download-contents.download-contents { background: #3b4650; color: #ffffff; }
html:root .swagger-ui :is(.response-control-media-type__accept-message, .renderedMarkdown code, .response-control-media-type__accept-message code) { background: transparent; color: var(--ink); }
html:root .swagger-ui .tablinks, html:root .swagger-ui .tab li button.tablinks { color: var(--ink); }
html:root .swagger-ui .parameter__name.required::after, html:root .swagger-ui .parameter__name.required span { color: var(--bad); }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media (max-width: 640px) { html:root .swagger-ui .wrapper { padding: 0 16px; } .masthead nav { margin-left: 0; } }
`
