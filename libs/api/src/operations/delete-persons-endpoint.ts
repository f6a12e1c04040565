import { amount, beginDeletion, countPersons, type OperationId, type OperationStore } from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { accepted, ok, refuse } from '../endpoint/reply.ts'
import {
  faultOfDeletion,
  personDeletionQuery,
  personFilterOf,
  strayDeletionFilter,
} from '../fields/person-filter.ts'
import { operationPath } from './operation-paths.ts'
import { operationView, viewOperation } from './operation-view.ts'

const personCount = z
  .object({
    count: z.int().meta({ description: 'Persons to whom the filter applies.' }),
    images: z.int().meta({ description: 'Enrolled pictures of these persons.' }),
  })
  .meta({ id: 'PersonCount' })

/** Many persons at once, by the filters of their list. */
export function deletePersonsEndpoint(
  { galleryOf, clock }: Pick<ApiDeps, 'galleryOf' | 'clock'>,
  operations: OperationStore,
): Endpoint {
  return endpoint({
    method: 'delete',
    path: '/api/persons',
    access: 'key',
    query: personDeletionQuery,
    strayFilter: strayDeletionFilter,
    docs: {
      operationId: 'delete_persons',
      tag: 'bulk',
      summary: 'Delete all persons to whom a filter applies',
      description:
        'Ours. Ask with `dryRun=true` first, and then with the `count` that it answered. The filters are those of the list of persons. Who is made, or comes to match, after the request is left alone.',
      answers: {
        200: { description: 'How many there are, of a dry run.', schema: personCount },
        202: {
          description: 'The operation that deletes them; `Location` is where it tells its progress.',
          schema: operationView,
        },
      },
      problems: [400, 409],
    },
    handle: async ({ query, context }) => {
      const fault = faultOfDeletion(query)
      if (fault !== null) return badParams([fault])
      const gallery = galleryOf(context)
      const filter = personFilterOf(query)
      if (query.dryRun === 'true') {
        const { persons, images } = await countPersons(gallery, filter, context)
        return ok({ count: persons, images })
      }
      const id = context.newId() as OperationId
      const asked = { id, filter, count: query.count ?? 0 }
      const begun = await beginDeletion({ gallery, operations }, asked, context)
      if (begun.outcome === 'begun')
        return accepted(viewOperation(begun.operation, clock.now()), operationPath(id))
      const { persons } = begun
      const msg = `the filter applies to ${amount(persons, 'person')}, and not to ${query.count}; nothing was deleted`
      return refuse('PersonCountDiffers', msg, { count: persons })
    },
  })
}
