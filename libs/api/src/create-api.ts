import express, { type Application, type RequestHandler } from 'express'
import type { ApiDeps } from './api-deps.ts'
import { type ConsolePages, openConsolePages } from './console/console-endpoints.ts'
import { detectEndpoint } from './detect/detect-endpoint.ts'
import { pageEndpoints } from './docs/page-endpoints.ts'
import { dispatch, dispatchOnce } from './endpoint/dispatch.ts'
import type { Endpoint } from './endpoint/endpoint.ts'
import { failRequest, handleError } from './endpoint/handle-error.ts'
import { refuse } from './endpoint/reply.ts'
import { sendReply } from './endpoint/send-reply.ts'
import { feedbackEndpoints } from './feedback/feedback-endpoints.ts'
import { exportEndpoints } from './gallery/export-endpoint.ts'
import { statsEndpoint } from './gallery/stats-endpoint.ts'
import { groupEndpoints } from './groups/group-endpoints.ts'
import { healthEndpoints } from './health/health-endpoints.ts'
import { takesIdempotencyKey } from './idempotency/idempotency-key.ts'
import { OnceOnly } from './idempotency/once-only.ts'
import { importEndpoints } from './imports/import-endpoints.ts'
import { matchEndpoints } from './match/match-endpoints.ts'
import { openBodyReader } from './middleware/body-reader.ts'
import { checkHost } from './middleware/check-host.ts'
import { checkOrigin } from './middleware/check-origin.ts'
import { openUploads } from './middleware/open-upload.ts'
import { openScope, scopeOf } from './middleware/request-scope.ts'
import { requireKey } from './middleware/require-key.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { tidyPath } from './middleware/tidy-path.ts'
import { duplicateEndpoints } from './operations/duplicate-endpoints.ts'
import { operationEndpoints } from './operations/operation-endpoints.ts'
import { redescribeEndpoints } from './operations/redescribe-endpoints.ts'
import { historyEndpoint } from './persons/history-endpoint.ts'
import { mergeEndpoint } from './persons/merge-endpoint.ts'
import { personEndpoints } from './persons/person-endpoints.ts'
import { personImageEndpoints } from './persons/person-image-endpoints.ts'
import { searchEndpoint } from './search/search-endpoint.ts'
import { sessionEndpoints } from './sessions/session-endpoints.ts'
import { Sessions } from './sessions/sessions.ts'
import { systemEndpoint } from './system/system-endpoint.ts'

/** The HTTP API of the wire contract. Opens no port; see `createApiServer`. */
export function createApi(deps: ApiDeps): Application {
  const app = express()
  app.disable('x-powered-by')
  // Tags of JSON answers would cost a hash each and serve no client.
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(
    openScope(deps, failRequest),
    securityHeaders,
    tidyPath,
    checkHost(deps.config),
    checkOrigin(deps.config),
  )
  const sessions = new Sessions(deps)
  const pages = openConsolePages(deps)
  mount(app, deps, { endpoints: endpointsOf(deps, sessions, pages), sessions })
  if (pages.lost !== null) app.use(pages.lost)
  app.use(requireKey(deps.config, sessions), (_req, res) =>
    sendReply(res, refuse('RouteNotFound', 'there is no such route')),
  )
  app.use(handleError)
  return app
}

/** Every route of the API, its documentation included. */
export function endpointsOf(
  deps: ApiDeps,
  sessions = new Sessions(deps),
  pages: Pick<ConsolePages, 'endpoints'> = openConsolePages(deps),
): readonly Endpoint[] {
  const endpoints = [
    ...personEndpoints(deps.galleryOf),
    mergeEndpoint(deps.galleryOf),
    historyEndpoint(deps),
    ...personImageEndpoints(deps),
    ...groupEndpoints(deps.galleryOf),
    statsEndpoint(deps),
    ...exportEndpoints(deps),
    searchEndpoint(deps),
    ...feedbackEndpoints(deps.galleryOf),
    detectEndpoint(deps),
    ...matchEndpoints(deps),
    ...(deps.importing === undefined ? [] : importEndpoints(deps, deps.importing)),
    ...(deps.operations === undefined ? [] : operationEndpoints(deps, deps.operations)),
    ...(deps.operations === undefined ? [] : duplicateEndpoints(deps, deps.operations)),
    ...(deps.operations === undefined ? [] : redescribeEndpoints(deps, deps.operations)),
    ...(deps.system === undefined ? [] : [systemEndpoint(deps, deps.system)]),
    ...sessionEndpoints(deps, sessions),
    ...healthEndpoints(deps),
  ]
  return [...endpoints, ...pageEndpoints(endpoints, deps.config), ...pages.endpoints]
}

interface Mounted {
  readonly endpoints: readonly Endpoint[]
  readonly sessions: Sessions
}

function mount(app: Application, deps: ApiDeps, { endpoints, sessions }: Mounted): void {
  const needsKey = requireKey(deps.config, sessions)
  const readBody = openBodyReader(deps.config)
  const openUpload = openUploads()
  const once = openOnceOnly(deps)
  const byPath = Map.groupBy(endpoints, (endpoint) => endpoint.path)
  for (const [path, group] of byPath) {
    const route = app.route(path.replace(/\{(\w+)\}/g, ':$1'))
    route.all(enterRoute(path, group))
    for (const endpoint of group) {
      const chain = [
        ...(endpoint.access === 'key' ? [needsKey] : []),
        ...(endpoint.body === undefined ? [] : readBody(endpoint.body)),
        ...(endpoint.streamed === undefined ? [] : [openUpload(endpoint.streamed)]),
        takesIdempotencyKey(endpoint) ? dispatchOnce(endpoint, once) : dispatch(endpoint),
      ]
      route[endpoint.method](...chain)
    }
    const allowed = allowedMethods(group)
    route.options((_req, res) =>
      sendReply(res, { status: 204, headers: { Allow: allowed }, body: { kind: 'none' } }),
    )
    route.all(needsKey, refuseMethod(allowed))
  }
}

function openOnceOnly({ idempotency, newId, clock, config }: ApiDeps): OnceOnly {
  const waitMs = Math.max(config.searchDeadlineMs, config.enrollDeadlineMs)
  return new OnceOnly({ store: idempotency, newId, clock, waitMs })
}

function enterRoute(path: string, group: readonly Endpoint[]): RequestHandler {
  const isHealthCheck = group.every((endpoint) => endpoint.docs?.tag === 'operations')
  return (_req, res, next) => {
    const scope = scopeOf(res)
    scope.route = path
    scope.isHealthCheck = isHealthCheck
    next()
  }
}

function allowedMethods(group: readonly Endpoint[]): string {
  const methods = group.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
  return [...methods, 'OPTIONS'].join(', ')
}

function refuseMethod(allowed: string): RequestHandler {
  return (req, res) => {
    const reply = refuse('MethodNotAllowed', `${req.method} is not allowed here`)
    sendReply(res, { ...reply, headers: { Allow: allowed } })
  }
}
