import {
  CountedImports,
  changeImport,
  findImport,
  type ImportAction,
  type ImportId,
  inLanes,
  makeImport,
  RETRYABLE_KINDS,
  retryRows,
} from '@semblance/core'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { created, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { descriptorsNotAllowed } from '../middleware/require-key.ts'
import { unknownGroups } from '../persons/person-paths.ts'
import { viewPage } from '../persons/person-view.ts'
import { deleteImportEndpoint } from './delete-import-endpoint.ts'
import { eventEndpoint } from './import-events.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { draftOf, importToCreate, rowsToRetry } from './import-request.ts'
import { type ImportView, importPage, importView, readImportView, retriedImport } from './import-view.ts'
import { reportEndpoint } from './report-endpoint.ts'
import { rowEndpoints } from './row-endpoints.ts'
import { sourceEndpoint } from './source-endpoint.ts'

const IMPORT = '/api/imports/{importId}'
/** Each count is some queries to the store, and a page may have a thousand imports. */
const COUNTED_AT_ONCE = 8

/** A process has opened its connections by then, and its code runs at full speed. */
const WARM_UP_MS = 10_000

const RETRY_OF_CANCELLED =
  'an import that is cancelled cannot be asked to retry: its pictures are gone, so send the rows to another import'

interface Deps extends Pick<ApiDeps, 'galleryOf' | 'queue' | 'clock' | 'config'> {
  readonly counted: CountedImports
}

/** Many photos of many persons, taken in as one job. */
export function importEndpoints(given: Omit<Deps, 'counted'>, ports: ImportingPorts): readonly Endpoint[] {
  const counted = new CountedImports({ ...given, ...ports, warmUpMs: WARM_UP_MS })
  const deps = { ...given, counted }
  return [
    ...collectionEndpoints(deps, ports),
    ...singleEndpoints(deps, ports),
    ...rowEndpoints(deps, ports),
    sourceEndpoint(deps, ports),
    reportEndpoint(deps, ports),
    eventEndpoint({ ...deps, ...ports }),
  ]
}

function collectionEndpoints(deps: Deps, { imports }: ImportingPorts): readonly Endpoint[] {
  const { galleryOf } = deps
  return [
    endpoint({
      method: 'get',
      path: '/api/imports',
      access: 'key',
      query: pageQuery,
      docs: {
        operationId: 'get_all_imports',
        tag: 'imports',
        summary: 'List the imports',
        answers: { 200: { description: 'Newest first.', schema: importPage } },
        problems: [400],
      },
      handle: async ({ query, context }) => {
        const page = await imports.records.list(pageRequestOf(query), context)
        const views: ImportView[] = []
        await inLanes(page.items.entries(), { width: COUNTED_AT_ONCE }, async ([i, made]) => {
          views[i] = await readImportView(deps, made, context)
        })
        return ok(viewPage({ ...page, items: views }, (view) => view))
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/imports',
      access: 'key',
      body: importToCreate,
      docs: {
        operationId: 'create_import',
        tag: 'imports',
        summary: 'Begin an import',
        description: 'Then add rows, and close it once all are in. Rows are worked on as they come.',
        bodyExample: { name: 'Staff 2026', faces: 'one', quality: 'standard' },
        answers: { 201: { description: 'The import, open for rows.', schema: importView } },
        problems: [400],
      },
      handle: async ({ body, context }) => {
        if (body.trustDescriptors && !context.caller.mayHaveDescriptors) return descriptorsNotAllowed()
        const id = context.newId() as ImportId
        const draft = { id, ...draftOf(body, deps.config) }
        const made = await makeImport({ gallery: galleryOf(context), imports }, draft, context)
        if (made.outcome === 'unknown-groups') return unknownGroups('groups', made.groups)
        return created(await readImportView(deps, made.import, context))
      },
    }),
  ]
}

function singleEndpoints(deps: Deps, ports: ImportingPorts): readonly Endpoint[] {
  const { imports } = ports
  const steps: readonly (readonly [Exclude<ImportAction, 'delete'>, string])[] = [
    ['close', 'Say that all rows are in'],
    ['pause', 'Pause an import'],
    ['resume', 'Go on with an import'],
    ['cancel', 'End an import before all of its rows are done'],
  ]
  return [
    endpoint({
      method: 'get',
      path: IMPORT,
      access: 'key',
      params: importParams,
      docs: {
        operationId: 'get_import',
        tag: 'imports',
        summary: 'Read an import and its progress',
        answers: { 200: { description: 'The import.', schema: importView } },
        problems: [400, 404],
      },
      handle: async ({ params, context }) => {
        const made = await findImport(imports, params.importId, context)
        if (made === null) return importNotFound()
        return ok(await readImportView(deps, made, context))
      },
    }),
    ...steps.map(([action, summary]) => actionEndpoint(deps, ports, { action, summary })),
    retryEndpoint(deps, ports),
    deleteImportEndpoint(deps, ports),
  ]
}

function actionEndpoint(
  deps: Deps,
  ports: ImportingPorts,
  step: { readonly action: ImportAction; readonly summary: string },
): Endpoint {
  const { action, summary } = step
  return endpoint({
    method: 'post',
    path: `${IMPORT}/${action}`,
    access: 'key',
    params: importParams,
    docs: {
      operationId: `${action}_import`,
      tag: 'imports',
      summary,
      answers: { 200: { description: 'The import as it is now.', schema: importView } },
      problems: [400, 404, 409],
    },
    handle: ({ params, context }) => change(deps, ports, { id: params.importId, action, context }),
  })
}

interface Change {
  readonly id: ImportId
  readonly action: ImportAction
  readonly context: RequestContext
}

async function change(deps: Deps, { imports, onWork }: ImportingPorts, asked: Change): Promise<Reply> {
  const { id, action, context } = asked
  const outcome = await changeImport({ gallery: deps.galleryOf(context), imports }, { id, action }, context)
  if (outcome.outcome === 'import-not-found') return importNotFound()
  if (outcome.outcome === 'not-possible')
    return refuse('ImportStateConflict', `an import that is ${outcome.state} cannot be asked to ${action}`)
  onWork?.()
  return ok(await readImportView(deps, outcome.import, context))
}

function retryEndpoint(deps: Deps, { imports, onWork }: ImportingPorts): Endpoint {
  return endpoint({
    method: 'post',
    path: `${IMPORT}/retry`,
    access: 'key',
    params: importParams,
    body: rowsToRetry,
    docs: {
      operationId: 'retry_import',
      tag: 'imports',
      summary: 'Try rows that failed once more',
      bodyExample: { all: false },
      description: 'One that was cancelled is refused with 409: its pictures are gone.',
      answers: { 200: { description: 'The import as it is now.', schema: retriedImport } },
      problems: [400, 404, 409],
    },
    handle: async ({ params, body, context }) => {
      const kinds = body.all ? RETRYABLE_KINDS : (['failed'] as const)
      const query = { id: params.importId, kinds, passingOnly: !body.all }
      const retried = await retryRows({ gallery: deps.galleryOf(context), imports }, query, context)
      deps.counted.forget(params.importId)
      if (retried.outcome === 'import-not-found') return importNotFound()
      if (retried.outcome === 'not-possible') return refuse('ImportStateConflict', RETRY_OF_CANCELLED)
      onWork?.()
      const view = await readImportView(deps, retried.import, context)
      return ok({ ...view, retried: retried.rows })
    },
  })
}
