import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { ok, type Reply, refuse } from '../endpoint/reply.ts'
import { docsPage, docsScript, docsStyle } from './docs-page.ts'
import { createOpenApiDocument } from './openapi-document.ts'

/** Swagger UI sets style attributes and draws its icons from data URIs; nothing else may come from anywhere but here. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** `/openapi.json` of the given endpoints and the pages that show it: all open, none of them says anything of the gallery. */
export function pageEndpoints(endpoints: readonly Endpoint[], config: ApiConfig): readonly Endpoint[] {
  const documented = [...endpoints, openApiEndpoint(() => document)]
  const document = createOpenApiDocument(documented, config)
  const prefix = prefixOf(config)
  return [
    openApiEndpoint(() => document),
    endpoint({
      method: 'get',
      path: '/',
      access: 'open',
      docs: null,
      handle: (): Reply => ({ status: 302, headers: { Location: `${prefix}/docs` }, body: { kind: 'none' } }),
    }),
    endpoint({
      method: 'get',
      path: '/docs',
      access: 'open',
      docs: null,
      handle: () => page(HTML, Buffer.from(docsPage(prefix))),
    }),
    assetEndpoint(),
  ]
}

function openApiEndpoint(document: () => object): Endpoint {
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
    handle: () => ok(document()),
  })
}

type Asset = { readonly contentType: string; readonly bytes: () => Promise<Uint8Array> | Uint8Array }

/** By name, and nothing but these: no path ever reaches the file system. */
const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ['swagger-ui-bundle.js', { contentType: JAVASCRIPT, bytes: () => packaged('swagger-ui-bundle.js') }],
  ['swagger-ui.css', { contentType: CSS, bytes: () => packaged('swagger-ui.css') }],
  ['docs.js', { contentType: JAVASCRIPT, bytes: () => Buffer.from(docsScript) }],
  ['docs.css', { contentType: CSS, bytes: () => Buffer.from(docsStyle) }],
])

function assetEndpoint(): Endpoint {
  return endpoint({
    method: 'get',
    path: '/docs/{file}',
    access: 'open',
    params: z.object({ file: z.string() }),
    docs: null,
    handle: async ({ params }) => {
      const asset = ASSETS.get(params.file)
      if (asset === undefined) return refuse('RouteNotFound', 'there is no such route')
      return page(asset.contentType, await asset.bytes())
    },
  })
}

function page(contentType: string, bytes: Uint8Array): Reply {
  const headers = { 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-cache' }
  return { status: 200, headers, body: { kind: 'bytes', contentType, bytes } }
}

function packaged(file: string): Promise<Uint8Array> {
  return readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`)))
}

/** Path below which a proxy shows this server; empty at the root. */
function prefixOf(config: ApiConfig): string {
  return config.publicUrl === null ? '' : new URL(config.publicUrl).pathname.replace(/\/+$/, '')
}
