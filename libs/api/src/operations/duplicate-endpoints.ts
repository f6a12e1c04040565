import {
  beginDuplicateSearch,
  type GroupId,
  type OperationId,
  type OperationOf,
  type OperationStore,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { accepted, ok } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'
import { pageQuery, pageRequestOf } from '../fields/page-query.ts'
import { unknownGroups } from '../persons/person-paths.ts'
import { viewPage } from '../persons/person-view.ts'
import { duplicatesPage, duplicatesView, viewDuplicates } from './duplicate-view.ts'
import { findSearch } from './find-search.ts'
import { duplicateParams, operationNotFound } from './operation-paths.ts'
import { pairEndpoints } from './pair-endpoints.ts'

/** The limit is ours. */
const MAX_GROUPS = 100

const duplicatesToFind = z
  .strictObject({
    threshold: z
      .number()
      .min(0)
      .max(2)
      .optional()
      .meta({ description: "The greatest distance of one pair; left out: the server's own." }),
    groupIds: z
      .array(idField<GroupId>('Group id.'))
      .max(MAX_GROUPS)
      .default([])
      .meta({ description: 'Members of any of these are compared with each other; none: everybody.' }),
  })
  .meta({ id: 'DuplicateSearchFields' })

type Deps = Pick<ApiDeps, 'galleryOf' | 'config' | 'clock'>

/** Persons who are enrolled twice. */
export function duplicateEndpoints(deps: Deps, operations: OperationStore): readonly Endpoint[] {
  return [
    beginEndpoint(deps, operations),
    listEndpoint(deps, operations),
    endpoint({
      method: 'get',
      path: '/api/duplicates/{duplicatesId}',
      access: 'key',
      params: duplicateParams,
      docs: {
        operationId: 'get_duplicates',
        tag: 'bulk',
        summary: 'Read a search for duplicates and its progress',
        description: 'Ours.',
        answers: { 200: { description: 'The search.', schema: duplicatesView } },
        problems: [400, 404],
      },
      handle: async ({ params, context }) => {
        const found = await findSearch(operations, params.duplicatesId, context)
        return found === null
          ? operationNotFound()
          : ok(await viewDuplicates({ ...deps, operations }, found, context))
      },
    }),
    ...pairEndpoints(deps, operations),
  ]
}

function beginEndpoint({ galleryOf, config, clock }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/duplicates',
    access: 'key',
    body: duplicatesToFind,
    docs: {
      operationId: 'find_duplicates',
      tag: 'bulk',
      summary: 'Look for persons who are enrolled twice',
      description:
        'Ours. Compares each enrolled image with those of all other persons, in the background; searches go first. Pairs can be read while it goes on. It is an operation, too: pause, resume and cancel it there.',
      bodyExample: { threshold: 0.9 },
      answers: {
        202: {
          description: 'The search; `Location` is where it tells its progress.',
          schema: duplicatesView,
        },
      },
      problems: [400],
    },
    handle: async ({ body, context }) => {
      const id = context.newId() as OperationId
      const { threshold = config.defaultThreshold, groupIds } = body
      const deps = { gallery: galleryOf(context), operations }
      const begun = await beginDuplicateSearch(deps, { id, threshold, groupIds }, context)
      if (begun.outcome === 'unknown-groups') return unknownGroups('groupIds', begun.groups)
      const search = begun.operation as OperationOf<'find-duplicates'>
      return accepted(await viewDuplicates({ operations, clock }, search, context), `/api/duplicates/${id}`)
    },
  })
}

function listEndpoint({ clock }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/duplicates',
    access: 'key',
    query: pageQuery,
    docs: {
      operationId: 'list_duplicates',
      tag: 'bulk',
      summary: 'List searches for duplicates',
      description: 'Ours. The last 20 are kept.',
      answers: { 200: { description: 'Newest first.', schema: duplicatesPage } },
      problems: [400],
    },
    handle: async ({ query, context }) => {
      const wanted = { kind: 'find-duplicates', request: pageRequestOf(query) } as const
      const page = await operations.records.list(wanted, context)
      const searches = page.items as readonly OperationOf<'find-duplicates'>[]
      const deps = { operations, clock }
      const items = await Promise.all(searches.map((search) => viewDuplicates(deps, search, context)))
      return ok(viewPage({ ...page, items }, (view) => view))
    },
  })
}
