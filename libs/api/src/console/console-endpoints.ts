import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { prefixOf } from '../server/path-prefix.ts'
import { type ConsoleFiles, openConsoleFiles } from './console-files.ts'

/** Where the page has views of its own: one that is opened there, or loaded anew, is the same page. */
const VIEWS = ['search', 'compare', 'people', 'groups', 'duplicates', 'imports', 'system', 'sign-in'] as const

type Deps = Pick<ApiDeps, 'config' | 'logger'>

/** The console at `/`. It is open to all, as it holds nothing of the gallery. Without it, `/` leads to `/docs`. */
export function consoleEndpoints({ config, logger }: Deps): readonly Endpoint[] {
  const { consoleFolder } = config
  const prefix = prefixOf(config)
  const files = consoleFolder === null ? null : openConsoleFiles(consoleFolder, prefix)
  if (files !== null) return servedFrom(files)
  if (consoleFolder !== null) logger.warn({}, 'the console is not built: / leads to /docs')
  const away: Reply = { status: 302, headers: { Location: `${prefix}/docs` }, body: { kind: 'none' } }
  return [page('/', () => away)]
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
