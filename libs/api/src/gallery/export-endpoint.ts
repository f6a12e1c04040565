import {
  type ExportItem,
  type ExportScope,
  exportGallery,
  missingOfScope,
  type PersonId,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { created, type Reply, type StreamParts, streamed } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'
import { exportQuery, isEmptyFilter, personFilterOf, strayExportFilter } from '../fields/person-filter.ts'
import { descriptorsNotAllowed } from '../middleware/require-key.ts'
import { groupNotFound, personNotFound } from '../persons/person-paths.ts'
import { ExportRoom } from './export-room.ts'
import { exportFiles } from './export-tar.ts'
import { lineOf, viewItem } from './export-views.ts'
import { KeptSelections } from './kept-selections.ts'
import { packTar } from './pack-tar.ts'

/** Written at once: a write for each line would cost more than the line. */
const PART_CHARACTERS = 65_536

const NDJSON = 'application/x-ndjson'
const TAR = 'application/x-tar'

type ExportQuery = z.output<typeof exportQuery>

/** The limit is ours: as many as one filter by names may have. */
const MOST_PERSONS = 10_000

const personIds = z.array(idField<PersonId>('Person id.')).min(1).max(MOST_PERSONS)

const personsToExport = z
  .strictObject({
    personIds,
    descriptors: z.boolean().default(false).meta({
      description:
        'Whether each image comes with its descriptor, which is biometric data, and with the quality and damage of its face.',
    }),
    format: z.enum(['ndjson', 'tar']).optional().meta({
      description:
        'tar: with the pictures. Left out: tar if the Accept header names application/x-tar, else ndjson.',
    }),
  })
  .meta({ id: 'ExportRequest' })

const personsToSelect = z.strictObject({ personIds }).meta({ id: 'SelectionRequest' })

const selectionView = z
  .object({
    selectionId: z.string().meta({ description: 'For `selection` of an export; it holds for a day.' }),
  })
  .meta({ id: 'Selection' })

interface Deps extends Pick<ApiDeps, 'galleryOf'> {
  readonly room: ExportRoom
  readonly selections: KeptSelections
}

/** All that is stored of persons; their pictures, too, as a tar. */
export function exportEndpoints(
  deps: Pick<ApiDeps, 'galleryOf' | 'idempotency' | 'newId'>,
): readonly Endpoint[] {
  const { galleryOf } = deps
  const own = { galleryOf, room: new ExportRoom(), selections: new KeptSelections(deps) }
  return [filterEndpoint(own), selectionEndpoint(own), keepEndpoint(own)]
}

function filterEndpoint(deps: Deps): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/export',
    access: 'key',
    query: exportQuery,
    strayFilter: strayExportFilter,
    docs: {
      operationId: 'export_gallery',
      tag: 'gallery',
      summary: 'Export groups, persons and images',
      description:
        'Ours. Of everybody, of one person, or of those whom the filters of the list of persons leave. JSON lines, each with its `type`: `group`, `person`, then the `image`s of that person, and at last `end` with the number of each; pictures are to be fetched from the `path` of their image. Or a tar with the pictures, which an import takes.',
      answers: { 200: { description: 'A line or a file for each record.', contentType: [NDJSON, TAR] } },
      problems: [400, 404],
    },
    handle: async ({ query, context }) => {
      const scope = await scopeOf(deps, query, context)
      if ('status' in scope) return scope
      const { format } = query
      return exported(deps, { scope, format, withDescriptors: query.descriptors === 'true' }, context)
    },
  })
}

/** Persons of a selection: more than the address of a call holds. */
function selectionEndpoint(deps: Deps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/export',
    access: 'key',
    body: personsToExport,
    docs: {
      operationId: 'export_persons',
      tag: 'gallery',
      summary: 'Export some persons',
      description:
        'Ours. As `GET /api/export`, of the persons who are named; whoever of them is not there is left out. It changes nothing.',
      bodyExample: { personIds: ['01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'], format: 'ndjson' },
      answers: { 200: { description: 'A line or a file for each record.', contentType: [NDJSON, TAR] } },
      problems: [400],
    },
    handle: ({ body, context }) => {
      const { personIds, format, descriptors: withDescriptors } = body
      return exported(deps, { scope: { of: 'persons', personIds }, format, withDescriptors }, context)
    },
  })
}

/** For pages: what is selected, so that a link leads to its export. */
function keepEndpoint({ selections }: Deps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/export/selections',
    access: 'key',
    body: personsToSelect,
    docs: {
      operationId: 'select_for_export',
      tag: 'gallery',
      summary: 'Select persons for an export',
      description:
        'Ours. For pages: a browser takes the export itself, of any size, from the link `/api/export?selection=ID`. Programs send `POST /api/export`.',
      bodyExample: { personIds: ['01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'] },
      answers: { 201: { description: 'What to name in the link.', schema: selectionView } },
      problems: [400],
    },
    handle: async ({ body }) => created({ selectionId: await selections.keep(body.personIds) }),
  })
}

interface Wanted {
  readonly scope: ExportScope
  /** Left out: as the Accept header says. */
  readonly format: 'ndjson' | 'tar' | undefined
  readonly withDescriptors: boolean
}

async function exported({ galleryOf, room }: Deps, wanted: Wanted, context: RequestContext): Promise<Reply> {
  const { scope, withDescriptors } = wanted
  if (withDescriptors && !context.caller.mayHaveDescriptors) return descriptorsNotAllowed()
  const gallery = galleryOf(context)
  const missing = await missingOfScope(gallery, scope, context)
  if (missing !== null) return missing === 'person' ? personNotFound() : groupNotFound()
  if (!wantsTar(wanted, context)) {
    const items = exportGallery(gallery, wanted, context)
    return streamed(NDJSON, inParts(linesOf(items, context.baseUrl)), { 'Cache-Control': 'no-store' })
  }
  const parts = room.take((putOut) => {
    const signal = AbortSignal.any([context.signal, putOut])
    return packTar(exportFiles(gallery, wanted, { signal }))
  })
  return tarReply(parts, gallery.clock.now())
}

const withFilter = (field: 'personId' | 'selection') =>
  badParams([{ field, msg: 'must not be sent together with a filter' }])
const personAndSelection = badParams([{ field: 'selection', msg: 'must not be sent together with personId' }])
const unknownSelection = badParams([{ field: 'selection', msg: 'is not known any more; select anew' }])

/** A refusal where the query names no one scope. */
async function scopeOf(
  { selections }: Deps,
  query: ExportQuery,
  context: RequestContext,
): Promise<ExportScope | Reply> {
  const { personId, selection } = query
  const filter = personFilterOf(query)
  if (personId === undefined && selection === undefined) return { of: 'filter', filter }
  if (personId !== undefined && selection !== undefined) return personAndSelection
  if (!isEmptyFilter(filter)) return withFilter(personId === undefined ? 'selection' : 'personId')
  if (personId !== undefined) return { of: 'person', personId }
  const personIds = await selections.read(selection ?? '', context)
  return personIds === null ? unknownSelection : { of: 'persons', personIds }
}

function wantsTar({ format }: Wanted, { accept }: RequestContext): boolean {
  return format === undefined ? accept.toLowerCase().includes(TAR) : format === 'tar'
}

function tarReply(parts: StreamParts, nowMs: number): Reply {
  const day = new Date(nowMs).toISOString().slice(0, 10)
  return streamed(TAR, parts, {
    'Cache-Control': 'no-store',
    'Content-Disposition': `attachment; filename="semblance-export-${day}.tar"`,
  })
}

async function* linesOf(items: AsyncIterable<ExportItem>, baseUrl: string | null): AsyncGenerator<string> {
  const counts = { group: 0, person: 0, image: 0 }
  for await (const item of items) {
    counts[item.kind]++
    yield lineOf({ type: item.kind, ...viewItem(item, baseUrl) })
  }
  yield lineOf({ type: 'end', groups: counts.group, persons: counts.person, images: counts.image })
}

async function* inParts(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let part = ''
  for await (const line of lines) {
    part += line
    if (part.length < PART_CHARACTERS) continue
    yield part
    part = ''
  }
  yield part
}
