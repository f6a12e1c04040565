import { type CountedImports, findImport, type ImportId } from '@semblance/core'
import { type LayoutReading, readNamePattern } from '@semblance/import-sources'
import { z } from 'zod'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { ok, type Reply, refuse } from '../endpoint/reply.ts'
import { encodingField } from './encoding-field.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { keysToLookUp } from './import-request.ts'
import { withWayOut } from './late-manifest.ts'
import { CONTENT_TYPES, ROW_TYPES, takeRows } from './take-rows.ts'

const ROWS = '/api/imports/{importId}/rows'

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

const knownRows = z
  .object({
    known: z.array(z.string()).meta({ description: 'Their keys.' }),
    rows: z
      .array(
        z.object({
          key: z.string(),
          pictureSha256: z.string().nullable().meta({
            description:
              'Of the picture as it was sent, or as its link gave it: lower-case hex. Null for a row without one.',
          }),
        }),
      )
      .meta({
        description:
          'The same, with what tells whether a picture is another one by now. Sent again with another one, a row is in conflict, and the first stays.',
      }),
  })
  .meta({ id: 'KnownRows' })

type Deps = Pick<ApiDeps, 'galleryOf'> & { readonly counted: CountedImports }

/** Rows come in, and who sends them asks which are there. */
export function rowEndpoints(deps: Deps, ports: ImportingPorts): readonly Endpoint[] {
  return [addEndpoint(deps, ports), contentEndpoint(deps, ports), knownEndpoint(ports)]
}

const OF_ROWS =
  'A row has `key`, `person` (`{externalId}`, `{id}` or `{key}`), `name`, `metadata`, `groups`, `expireAt`, and `picture` (Base64) or `imageUrl`. A row that its sender cannot make comes with `key`, `sourceProblem` (`{field, message}`) and, where it is known, `person`, and ends as invalid. Sent again, a row has no second effect, so that whoever was cut off sends everything again, or asks for the keys that are there.'

function addEndpoint(deps: Deps, ports: ImportingPorts): Endpoint {
  return endpoint({
    method: 'post',
    path: ROWS,
    access: 'key',
    params: importParams,
    streamed: ROW_TYPES,
    docs: {
      operationId: 'add_import_rows',
      tag: 'imports',
      summary: 'Add rows to an import',
      description: `NDJSON with a JSON object for each row, or CSV whose first row names the columns; of any length. Or a form: its first part, rows, is such a manifest, and its other parts are the pictures that rows name by file. ${OF_ROWS}`,
      answers: { 200: { description: 'What became of the rows.', schema: takenRows } },
      problems: [400, 404, 409],
    },
    handle: ({ params, context }) =>
      take({ deps, ports, context, isArchive: false }, params.importId, { layout: { by: 'auto' } }),
  })
}

const contentQuery = z.strictObject({
  layout: z.enum(['auto', 'folders', 'manifest']).default('auto').meta({
    description:
      'How files become rows. folders: the folder that a picture lies in is its person, external id and name. manifest: manifest.csv or manifest.ndjson at the top of the archive names the files. auto: a manifest if there is one, else folders.',
  }),
  pattern: z.string().optional().meta({
    description:
      'What file names say, instead of a layout; may have {person}, {name}, {group}, {n} and {any}.',
    example: '{person}_{n}.jpg',
  }),
  encoding: encodingField,
})

function contentEndpoint(deps: Deps, ports: ImportingPorts): Endpoint {
  return endpoint({
    method: 'put',
    path: '/api/imports/{importId}/content',
    access: 'key',
    params: importParams,
    query: contentQuery,
    streamed: CONTENT_TYPES,
    docs: {
      operationId: 'put_import_content',
      tag: 'imports',
      summary: 'Add an archive of pictures to an import',
      description: `A tar, tar.gz or zip with pictures, with a manifest or without; or a manifest alone or a form, as for rows. ${OF_ROWS}`,
      answers: { 200: { description: 'What became of the rows.', schema: takenRows } },
      problems: [400, 404, 409],
    },
    handle: ({ params, query: { pattern, layout, encoding }, context }) => {
      const taking = { deps, ports, context, isArchive: true }
      if (pattern === undefined) return take(taking, params.importId, { layout: { by: layout }, encoding })
      const read = readNamePattern(pattern)
      if ('problem' in read) return refuse('BadParamsException', `pattern ${read.problem}`)
      const by = { by: 'pattern', pattern: read.pattern } as const
      return take(taking, params.importId, { layout: by, encoding })
    },
  })
}

interface Taking {
  readonly deps: Deps
  readonly ports: ImportingPorts
  readonly context: RequestContext
  readonly isArchive: boolean
}

async function take(
  { deps, ports, context, isArchive }: Taking,
  id: ImportId,
  reading: Pick<LayoutReading, 'layout' | 'encoding'>,
): Promise<Reply> {
  const { upload } = context
  if (upload === null) return refuse('UnsupportedMediaType', 'there is no body')
  const gallery = deps.galleryOf(context)
  const taken = await takeRows(
    { ...ports, gallery },
    { id, upload, reading, isArchive, withDescriptors: context.caller.mayHaveDescriptors },
    context,
  ).finally(() => deps.counted.forget(id))
  if (taken.outcome === 'import-not-found') return importNotFound()
  if (taken.outcome === 'closed') return refuse('ImportStateConflict', 'this import takes no more rows')
  if (taken.outcome === 'unreadable')
    return refuse('ImportSourceUnreadable', withWayOut(taken.why, id), {
      code: taken.code,
      taken: taken.tally,
    })
  return ok(taken.tally)
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
        200: { description: 'Those that are there.', schema: knownRows },
      },
      problems: [400, 404],
    },
    handle: async ({ params, body, context }) => {
      const made = await findImport(ports.imports, params.importId, context)
      if (made === null) return importNotFound()
      const rows = await ports.imports.rows.known(made.id, body.keys, context)
      return ok({ known: rows.map(({ key }) => key), rows })
    },
  })
}
