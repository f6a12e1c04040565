import { changeOperation, OPERATION_KINDS, type OperationAction, type OperationStore } from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { noContent, notThere, ok, refuse } from '../endpoint/reply.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { viewPage } from '../persons/person-view.ts'
import { deletePersonsEndpoint } from './delete-persons-endpoint.ts'
import { operationEventEndpoint } from './operation-events.ts'
import { operationNotFound, operationParams } from './operation-paths.ts'
import { operationPage, operationView, viewOperation } from './operation-view.ts'

const OPERATION = '/api/operations/{operationId}'

type Deps = Pick<ApiDeps, 'galleryOf' | 'clock'>

/** Long work on the gallery, which goes on by itself whichever process dies. */
export function operationEndpoints(deps: Deps, operations: OperationStore): readonly Endpoint[] {
  const steps: readonly (readonly [OperationAction, string])[] = [
    ['pause', 'Pause an operation'],
    ['resume', 'Go on with an operation'],
    ['cancel', 'End an operation before its work is done'],
  ]
  return [
    deletePersonsEndpoint(deps, operations),
    listEndpoint(deps, operations),
    readEndpoint(deps, operations),
    operationEventEndpoint(deps, operations),
    ...steps.map(([action, summary]) => actionEndpoint(deps, operations, { action, summary })),
    forgetEndpoint(deps, operations),
  ]
}

function listEndpoint({ clock }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/operations',
    access: 'key',
    query: pageQuery.extend({
      kind: z.enum(OPERATION_KINDS).optional().meta({ description: 'Only operations of this kind.' }),
    }),
    docs: {
      operationId: 'list_operations',
      tag: 'bulk',
      summary: 'List long operations',
      description: 'Ours. The last 20 of each kind are kept.',
      answers: { 200: { description: 'Newest first.', schema: operationPage } },
      problems: [400],
    },
    handle: async ({ query, context }) => {
      const { kind } = query
      const request = pageRequestOf(query)
      const wanted = kind === undefined ? { request } : { kind, request }
      const page = await operations.records.list(wanted, context)
      return ok(viewPage(page, (operation) => viewOperation(operation, clock.now())))
    },
  })
}

function readEndpoint({ clock }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'get',
    path: OPERATION,
    access: 'key',
    params: operationParams,
    docs: {
      operationId: 'get_operation',
      tag: 'bulk',
      summary: 'Read a long operation and its progress',
      description: 'Ours.',
      answers: { 200: { description: 'The operation.', schema: operationView } },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const found = await operations.records.find(params.operationId, context)
      return found === null ? operationNotFound() : ok(viewOperation(found, clock.now()))
    },
  })
}

function actionEndpoint(
  { galleryOf, clock }: Deps,
  operations: OperationStore,
  step: { readonly action: OperationAction; readonly summary: string },
): Endpoint {
  const { action, summary } = step
  return endpoint({
    method: 'post',
    path: `${OPERATION}/${action}`,
    access: 'key',
    params: operationParams,
    docs: {
      operationId: `${action}_operation`,
      tag: 'bulk',
      summary,
      description: 'Ours. What is done stays done.',
      answers: { 200: { description: 'The operation as it is now.', schema: operationView } },
      problems: [400, 404, 409],
    },
    handle: async ({ params, context }) => {
      const asked = { id: params.operationId, action }
      const changed = await changeOperation({ gallery: galleryOf(context), operations }, asked, context)
      if (changed.outcome === 'changed') return ok(viewOperation(changed.operation, clock.now()))
      return changed.outcome === 'not-possible' ? notPossible(changed.state, action) : operationNotFound()
    },
  })
}

function forgetEndpoint({ galleryOf }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'delete',
    path: OPERATION,
    access: 'key',
    params: operationParams,
    docs: {
      operationId: 'delete_operation',
      tag: 'bulk',
      summary: 'Forget an operation that has ended, and what it found',
      description: 'Ours.',
      answers: { 204: { description: 'Forgotten.' } },
      problems: [400, 404, 409],
    },
    handle: async ({ params, context }) => {
      const asked = { id: params.operationId, action: 'delete' } as const
      const changed = await changeOperation({ gallery: galleryOf(context), operations }, asked, context)
      if (changed.outcome === 'deleted') return noContent
      if (changed.outcome === 'not-possible') return notPossible(changed.state, 'delete')
      return notThere(context, operationNotFound())
    },
  })
}

function notPossible(state: string, action: OperationAction) {
  return refuse('OperationStateConflict', `an operation that is ${state} cannot be asked to ${action}`)
}
