import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { scopeOf } from '../middleware/request-scope.ts'
import { prefixOf } from '../server/path-prefix.ts'
import { type ConsoleFiles, openConsoleFiles } from './console-files.ts'

/** Where the page has views of its own: one that is opened there, or loaded anew, is the same page. */
const VIEWS = ['search', 'compare', 'people', 'groups', 'duplicates', 'imports', 'system', 'sign-in'] as const

type Deps = Pick<ApiDeps, 'config' | 'logger'>

/** What the server shows to people beside the API. */
export interface ConsolePages {
  readonly endpoints: readonly Endpoint[]
  /** Answers browsers at addresses that are not there; null: there is no page to do so. */
  readonly lost: RequestHandler | null
}

/** The console at `/`. It is open to all, as it holds nothing of the gallery. Without it, `/` leads to `/docs`. */
export function openConsolePages({ config, logger }: Deps): ConsolePages {
  const { consoleFolder } = config
  const prefix = prefixOf(config)
  const files = consoleFolder === null ? null : openConsoleFiles(consoleFolder, prefix)
  if (files !== null) return { endpoints: servedFrom(files), lost: lostIn(files) }
  if (consoleFolder !== null) logger.warn({}, 'the console is not built: / leads to /docs')
  const away: Reply = { status: 302, headers: { Location: `${prefix}/docs` }, body: { kind: 'none' } }
  return { endpoints: [page('/', () => away)], lost: null }
}

/** The same page, which says that there is no such one and leads back. Programs get the JSON that they expect. */
function lostIn({ page: index }: ConsoleFiles): RequestHandler {
  return async (req, res, next) => {
    if (!isNavigation(req)) return next()
    // Nothing of an address that is not there is kept, so that it is asked for anew.
    const { body } = await index.reply({ ...scopeOf(res), ifNoneMatch: null, acceptEncoding: '' })
    sendReply(res, { status: 404, headers: index.headers, body })
  }
}

/** A person went there with a browser: it asks for HTML by name, which no client of the API does. */
function isNavigation(req: Request): boolean {
  const isRead = req.method === 'GET' || req.method === 'HEAD'
  const isOfApi = /^\/api(\/|$)/.test(req.path)
  return isRead && !isOfApi && /\btext\/html\b/.test(req.get('accept') ?? '')
}

function servedFrom({ page: index, assets, beside }: ConsoleFiles): readonly Endpoint[] {
  const paths = ['/', ...VIEWS.flatMap((view) => [`/${view}`, `/${view}/*rest`])]
  return [
    ...paths.map((path) => page(path, ({ context }) => index.reply(context))),
    endpoint({
      method: 'get',
      path: '/assets/{file}',
      access: 'open',
      params: z.object({ file: z.string() }),
      docs: null,
      handle: ({ params, context }) =>
        assets.get(params.file)?.reply(context) ?? refuse('RouteNotFound', 'there is no such file'),
    }),
    ...[...beside].map(([name, file]) => page(`/${name}`, ({ context }) => file.reply(context))),
  ]
}

function page(path: string, handle: Endpoint['handle']): Endpoint {
  return { method: 'get', path, access: 'open', docs: null, handle }
}
