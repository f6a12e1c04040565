import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { refuse } from '../endpoint/reply.ts'
import { prefixOf } from '../server/path-prefix.ts'
import { docsPage } from './docs-page.ts'
import { docsScript } from './docs-script.ts'
import { docsStyle } from './docs-style.ts'
import { FixedFile } from './fixed-file.ts'
import { createOpenApiDocument } from './openapi-document.ts'

/** Swagger UI sets style attributes and draws its icons from data URIs; nothing else may come from anywhere but here. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** `/openapi.json` of the given endpoints and the pages that show it: all open, none of them says anything of the gallery. */
export function pageEndpoints(endpoints: readonly Endpoint[], config: ApiConfig): readonly Endpoint[] {
  const documented = [...endpoints, openApiEndpoint(null)]
  const document = createOpenApiDocument(documented, config)
  const prefix = prefixOf(config)
  const index = page(HTML, () => Buffer.from(docsPage(prefix)))
  const description = new FixedFile(JSON_TYPE, () => Buffer.from(JSON.stringify(document)), {})
  return [
    openApiEndpoint(description),
    endpoint({
      method: 'get',
      path: '/docs',
      access: 'open',
      docs: null,
      handle: ({ context }) => index.reply(context),
    }),
    assetEndpoint(),
  ]
}

/** @param file null where only what is documented matters */
function openApiEndpoint(file: FixedFile | null): Endpoint {
  return endpoint({
    method: 'get',
    path: '/openapi.json',
    access: 'open',
    docs: {
      operationId: 'openapi',
      tag: 'operations',
      summary: 'This description',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
      problems: [],
    },
    handle: ({ context }) => file?.reply(context) ?? refuse('RouteNotFound', 'there is no such route'),
  })
}

/** Files by name, and nothing but these: no path ever reaches the file system. */
const ASSETS: ReadonlyMap<string, FixedFile> = new Map([
  ['swagger-ui-bundle.js', page(JAVASCRIPT, () => packaged('swagger-ui-bundle.js'))],
  ['swagger-ui.css', page(CSS, () => packaged('swagger-ui.css'))],
  ['docs.js', page(JAVASCRIPT, () => Buffer.from(docsScript))],
  ['docs.css', page(CSS, () => Buffer.from(docsStyle))],
])

function assetEndpoint(): Endpoint {
  return endpoint({
    method: 'get',
    path: '/docs/{file}',
    access: 'open',
    params: z.object({ file: z.string() }),
    docs: null,
    handle: ({ params, context }) =>
      ASSETS.get(params.file)?.reply(context) ?? refuse('RouteNotFound', 'there is no such route'),
  })
}

function page(contentType: string, read: () => Promise<Uint8Array> | Uint8Array): FixedFile {
  return new FixedFile(contentType, read, { 'Content-Security-Policy': DOCS_POLICY })
}

function packaged(file: string): Promise<Uint8Array> {
  return readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`)))
}
