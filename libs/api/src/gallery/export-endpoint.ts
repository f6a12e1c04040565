import {
  type EnrolledImage,
  type ExportItem,
  type ExportScope,
  exportGallery,
  type GroupId,
  type Image,
  isScopeThere,
  isUuid,
  type PersonId,
  textOfValues,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { markJson } from '../endpoint/json-text.ts'
import { badParams } from '../endpoint/parse-call.ts'
import { streamed } from '../endpoint/reply.ts'
import { groupNotFound, personNotFound } from '../persons/person-paths.ts'
import { viewGroup, viewImage, viewPerson } from '../persons/person-view.ts'

/** Written at once: a write for each line would cost more than the line. */
const PART_CHARACTERS = 65_536

const id = <Id extends string>(description: string) =>
  z
    .string()
    .refine(isUuid, 'must be a UUID')
    .transform((text) => text.toLowerCase() as Id)
    .optional()
    .meta({ description })

const exportQuery = z.object({
  personId: id<PersonId>('This person alone, with the groups it is in.'),
  groupId: id<GroupId>('This group alone, with its persons.'),
  descriptors: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Whether each image comes with its descriptor, which is biometric data.' }),
})
const KNOWN = new Set(Object.keys(exportQuery.shape))

/** All that is stored of persons, but for the bytes of their pictures. */
export function exportEndpoint({ galleryOf }: Pick<ApiDeps, 'galleryOf'>): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/export',
    access: 'key',
    query: exportQuery,
    strayFilter: (name) => (KNOWN.has(name) ? null : `is not known here; known are ${[...KNOWN].join(', ')}`),
    docs: {
      operationId: 'export_gallery',
      tag: 'gallery',
      summary: 'Export groups, persons and images',
      description:
        'Ours. JSON lines, each with its `type`: `group`, `person`, then the `image`s of that person, and at last `end` with the number of each. Pictures are to be fetched from the `path` of their image.',
      answers: { 200: { description: 'A line for each record.', contentType: 'application/x-ndjson' } },
      problems: [400, 404],
    },
    handle: async ({ query, context }) => {
      const { personId, groupId } = query
      if (personId !== undefined && groupId !== undefined) return twoScopes
      const gallery = galleryOf(context)
      const scope = scopeOf(personId, groupId)
      if (!(await isScopeThere(gallery, scope, context)))
        return scope.of === 'person' ? personNotFound() : groupNotFound()
      const withDescriptors = query.descriptors === 'true'
      const items = exportGallery(gallery, { scope, withDescriptors }, context)
      return streamed('application/x-ndjson', inParts(linesOf(items, context.baseUrl)), {
        'Cache-Control': 'no-store',
      })
    },
  })
}

const twoScopes = badParams([{ field: 'groupId', msg: 'must not be sent together with personId' }])

function scopeOf(personId: PersonId | undefined, groupId: GroupId | undefined): ExportScope {
  if (personId !== undefined) return { of: 'person', personId }
  return groupId === undefined ? { of: 'all' } : { of: 'group', groupId }
}

async function* linesOf(items: AsyncIterable<ExportItem>, baseUrl: string | null): AsyncGenerator<string> {
  const counts = { group: 0, person: 0, image: 0 }
  for await (const item of items) {
    counts[item.kind]++
    yield lineOf({ type: item.kind, ...viewItem(item, baseUrl) })
  }
  yield lineOf({ type: 'end', groups: counts.group, persons: counts.person, images: counts.image })
}

function viewItem(item: ExportItem, baseUrl: string | null): object {
  switch (item.kind) {
    case 'group':
      return viewGroup(item.group)
    case 'person':
      return viewPerson(item.person)
    case 'image':
      return viewExportedImage(item.image, baseUrl)
  }
}

function viewExportedImage(image: Image | EnrolledImage, baseUrl: string | null): object {
  const { id, contentType, createdAt, path, url } = viewImage(image, baseUrl)
  const { personId, bytes, sha256 } = image
  const view = {
    id,
    personId,
    contentType,
    bytes,
    sha256,
    createdAt,
    path,
    ...(url === undefined ? {} : { url }),
  }
  if (!('descriptor' in image)) return view
  const { packId, values } = image.descriptor
  return { ...view, pack: packId, descriptor: textOfValues(values) }
}

/** Metadata stands there as it was sent, and JSON may be broken into lines outside of its texts. */
function lineOf(value: object): string {
  const { json, piecesOf } = markJson(value)
  return `${piecesOf(json)
    .join('')
    .replace(/[\n\r]/g, ' ')}\n`
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
