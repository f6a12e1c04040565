import {
  amount,
  countMadePersons,
  deleteImport,
  deleteImportWithPersons,
  findImport,
  type ImportId,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { noContent, notThere, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { expectedCount } from '../fields/person-filter.ts'
import { importNotFound, importParams } from './import-paths.ts'

/** Unknown names are refused: with a misspelled `dryRun` persons would be deleted. */
const deletionQuery = z.strictObject({
  persons: z.enum(['keep', 'created']).default('keep').meta({
    description: 'created: the persons whom this import made are deleted, too, with all of their pictures.',
  }),
  count: expectedCount,
  dryRun: z.enum(['true', 'false']).default('false').meta({
    description:
      'Deletes nothing, and counts the persons whom the same call would delete: with persons=created those whom this import made and who are still there, else none.',
  }),
})

const madePersonCount = z
  .object({
    count: z.int(),
    deleting: z.literal(true).optional().meta({
      description: 'The import is being deleted with these persons: so many of them are still there.',
    }),
  })
  .meta({ id: 'MadePersonCount' })

type Deps = Pick<ApiDeps, 'galleryOf'>

interface Asked {
  readonly id: ImportId
  readonly context: RequestContext
}

export function deleteImportEndpoint(deps: Deps, ports: ImportingPorts): Endpoint {
  return endpoint({
    method: 'delete',
    path: '/api/imports/{importId}',
    access: 'key',
    params: importParams,
    query: deletionQuery,
    docs: {
      operationId: 'delete_import',
      tag: 'imports',
      summary: 'Delete an import',
      description:
        'Its rows and the pictures that wait go. The persons whom it made stay, unless you ask with `persons=created` and with the `count` that a dry run answered; that can be asked of an import that has ended.',
      answers: {
        200: {
          description: 'Of a dry run: how many persons the call would delete.',
          schema: madePersonCount,
        },
        204: {
          description:
            'It is remembered, and goes on after a crash. What the import held is erased within seconds; many persons take longer. A dry run with `persons=created` tells how many of them are still there, and 404 once they and the import are gone.',
        },
      },
      problems: [400, 404, 409],
    },
    handle: async ({ params, query, context }) => {
      const asked = { id: params.importId, context }
      if (query.dryRun === 'true') return countPersons(deps, ports, { ...asked, persons: query.persons })
      if (query.persons === 'keep') {
        if (query.count === undefined) return deleteAlone(deps, ports, asked)
        return badParams([
          { field: 'count', msg: 'is of persons who are deleted, too: ask with persons=created' },
        ])
      }
      if (query.count === undefined)
        return badParams([{ field: 'count', msg: 'is missing; dryRun=true says what it is' }])
      return deleteWithPersons(deps, ports, { ...asked, count: query.count })
    },
  })
}

async function countPersons(
  { galleryOf }: Deps,
  { imports }: ImportingPorts,
  { id, persons, context }: Asked & { readonly persons: 'keep' | 'created' },
): Promise<Reply> {
  if (persons === 'keep') {
    const made = await findImport(imports, id, context)
    return made === null ? importNotFound() : ok({ count: 0 })
  }
  const count = await countMadePersons({ gallery: galleryOf(context), imports }, id, context)
  if (count === null) return importNotFound()
  // Nobody finds one any more that is being deleted.
  const isDeleting = (await findImport(imports, id, context)) === null
  return ok({ count, ...(isDeleting ? { deleting: true } : {}) })
}

async function deleteAlone(
  { galleryOf }: Deps,
  { imports }: ImportingPorts,
  { id, context }: Asked,
): Promise<Reply> {
  const isThere = await deleteImport({ gallery: galleryOf(context), imports }, id, context)
  return isThere ? noContent : notThere(context, importNotFound())
}

async function deleteWithPersons(
  { galleryOf }: Deps,
  { imports }: ImportingPorts,
  { id, count, context }: Asked & { readonly count: number },
): Promise<Reply> {
  const deps = { gallery: galleryOf(context), imports }
  const deleted = await deleteImportWithPersons(deps, { id, count }, context)
  switch (deleted.outcome) {
    case 'deleting':
      return noContent
    case 'import-not-found':
      return notThere(context, importNotFound())
    case 'not-ended': {
      const { state, underWay } = deleted
      const next =
        state === 'cancelled' || state === 'done' ? 'ask again once they have ended' : 'cancel it first'
      const msg = `the import is ${state}, with ${amount(underWay, 'row')} under way, and may make more persons; ${next}`
      return refuse('ImportStateConflict', msg)
    }
    case 'other-count': {
      const { persons } = deleted
      const msg = `this import made ${amount(persons, 'person')} still in the gallery, and not ${count}; nothing was deleted`
      return refuse('PersonCountDiffers', msg, { count: persons })
    }
  }
}
