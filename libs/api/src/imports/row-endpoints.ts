import { z } from 'zod'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { ok, refuse } from '../endpoint/reply.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { keysToLookUp } from './import-request.ts'
import { takeRows } from './take-rows.ts'

const ROWS = '/api/imports/{importId}/rows'
export const NDJSON = 'application/x-ndjson'
const MANIFESTS = [NDJSON, 'application/ndjson', 'text/csv']

const wrongRow = z.object({
  key: z.string(),
  position: z.int().meta({ description: 'Line of what was sent, from 1.' }),
  field: z.string(),
  msg: z.string(),
})

const takenRows = z
  .object({
    added: z.int().meta({ description: 'New rows; they are durable.' }),
    known: z.int().meta({ description: 'Rows that were there already, with the same contents.' }),
    invalid: z.int().meta({ description: 'Rows that are wrong; they are in the report.' }),
    conflicts: z.int().meta({ description: 'Rows whose key is there with other contents, which stay.' }),
    wrong: z.array(wrongRow).meta({ description: 'The first 100 that are wrong or in conflict.' }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'TakenRows' })

/** Rows come in, and who sends them asks which are there. */
export function rowEndpoints(deps: Pick<ApiDeps, 'galleryOf'>, ports: ImportingPorts): readonly Endpoint[] {
  return [addEndpoint(deps, ports), knownEndpoint(ports)]
}

function addEndpoint(deps: Pick<ApiDeps, 'galleryOf'>, ports: ImportingPorts): Endpoint {
  return endpoint({
    method: 'post',
    path: ROWS,
    access: 'key',
    params: importParams,
    streamed: MANIFESTS,
    docs: {
      operationId: 'add_import_rows',
      tag: 'imports',
      summary: 'Add rows to an import',
      description:
        'NDJSON with a JSON object for each row, or CSV whose first row names the columns; of any length. A row has `key`, `person` (`{externalId}`, `{id}` or `{key}`), `name`, `metadata`, `groups`, `expireAt`, and `picture` (Base64) or `imageUrl`. Sent again, a row has no second effect, so that whoever was cut off sends everything again, or asks for the keys that are there.',
      answers: { 200: { description: 'What became of the rows.', schema: takenRows } },
      problems: [400, 404, 409],
    },
    handle: async ({ params, context }) => {
      const { upload } = context
      if (upload === null)
        return refuse('UnsupportedMediaType', `the body must be one of ${MANIFESTS.join(', ')}`)
      const gallery = deps.galleryOf(context)
      const taken = await takeRows({ ...ports, gallery }, { id: params.importId, upload }, context)
      if (taken.outcome === 'import-not-found') return importNotFound()
      if (taken.outcome === 'closed') return refuse('ImportStateConflict', 'this import takes no more rows')
      if (taken.outcome === 'unreadable')
        return refuse('ImportSourceUnreadable', taken.why, { code: taken.code, taken: taken.tally })
      return ok(taken.tally)
    },
  })
}

function knownEndpoint(ports: ImportingPorts): Endpoint {
  return endpoint({
    method: 'post',
    path: `${ROWS}/known`,
    access: 'key',
    params: importParams,
    body: keysToLookUp,
    docs: {
      operationId: 'get_known_rows',
      tag: 'imports',
      summary: 'Ask which rows are there',
      bodyExample: { keys: ['row-1', 'row-2'] },
      answers: {
        200: { description: 'Those that are there.', schema: z.object({ known: z.array(z.string()) }) },
      },
      problems: [400, 404],
    },
    handle: async ({ params, body, context }) => {
      const made = await ports.imports.records.find(params.importId, context)
      if (made === null || made.state === 'deleting') return importNotFound()
      return ok({ known: await ports.imports.rows.knownKeys(made.id, body.keys, context) })
    },
  })
}
