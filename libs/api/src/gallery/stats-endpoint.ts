import {
  countBacklog,
  type GalleryPorts,
  type ImportState,
  LANES,
  OVERDUE_KINDS,
  type OverdueQuery,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { ok } from '../endpoint/reply.ts'

/** Those that are not over: of the others there may be any number. */
const IMPORT_STATES = ['open', 'running', 'paused'] as const satisfies readonly ImportState[]

/** What is neither there for readers nor over, and the persons for whom the index is behind. */
const UNFINISHED = [
  'pending-person',
  'pending-image',
  'deleting-person',
  'deleting-image',
  'deleting-group',
  'dirty-person',
] as const satisfies readonly OverdueQuery['kind'][]

const count = z.int().min(0)
const milliseconds = count.meta({ description: 'Milliseconds; 0 if there is none.' })

const statsView = z
  .object({
    persons: count.meta({ description: 'Expired ones count until they are deleted.' }),
    groups: count,
    images: count.meta({ description: 'Enrolled pictures.' }),
    pictureBytes: count.meta({ description: 'Of the enrolled pictures.' }),
    pack: z
      .string()
      .nullable()
      .meta({ description: 'The model pack of all descriptors.', example: 'builtin@2' }),
    indexedImages: count.meta({ description: 'As the index counts them: near `images`, and equal at rest.' }),
    unfinished: z.record(z.enum(UNFINISHED), count).meta({
      description:
        'Records in these states, under way or left behind; readers see none of them but `dirty-person`: the index is behind for so many persons.',
    }),
    overdue: z
      .record(z.enum(OVERDUE_KINDS), z.object({ count, oldestMs: milliseconds }))
      .meta({ description: 'Records that wait for the reconciler longer than they should.' }),
    queue: z.record(
      z.enum(LANES),
      z.object({ waiting: count, active: count, preparing: count, oldestWaitingMs: milliseconds }),
    ),
    imports: z
      .record(z.enum(IMPORT_STATES), count)
      .optional()
      .meta({ description: 'Imports that are not over; left out where there are none.' }),
  })
  .meta({ id: 'Stats' })

type Deps = Pick<ApiDeps, 'galleryOf' | 'queue' | 'importing'>

/** How much there is, and how much waits. It is cheap at any size of the gallery. */
export function statsEndpoint(deps: Deps): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/stats',
    access: 'key',
    docs: {
      operationId: 'get_stats',
      tag: 'gallery',
      summary: 'Count what there is and what waits',
      description:
        'Ours. Persons, groups, images and bytes may be as of half a minute ago, or longer in a huge gallery.',
      answers: { 200: { description: 'The counts.', schema: statsView } },
      problems: [],
    },
    handle: async ({ context }) => ok(await readStats(deps, context)),
  })
}

async function readStats(
  { galleryOf, queue, importing }: Deps,
  context: RequestContext,
): Promise<z.infer<typeof statsView>> {
  const gallery = galleryOf(context)
  const [enrolled, pack, indexedImages, unfinished, overdue, load, unended] = await Promise.all([
    gallery.records.countEnrolled(context),
    gallery.records.settings.readPack(context),
    gallery.index.count(context),
    countUnfinished(gallery, context),
    countBacklog(gallery, context),
    queue.load(),
    importing?.imports.records.listByState(IMPORT_STATES, context),
  ])
  const { persons, groups, images, pictureBytes } = enrolled
  const work = { unfinished, overdue, queue: load }
  const counted = { persons, groups, images, pictureBytes, pack, indexedImages, ...work }
  if (unended === undefined) return counted
  const imports = { open: 0, running: 0, paused: 0 }
  for (const { state } of unended) if (state in imports) imports[state as keyof typeof imports]++
  return { ...counted, imports }
}

async function countUnfinished(
  { records }: GalleryPorts,
  context: RequestContext,
): Promise<Record<(typeof UNFINISHED)[number], number>> {
  const counts = await Promise.all(
    UNFINISHED.map(async (kind) => {
      const found = await records.overdue.count({ kind, untouchedMs: 0 }, context)
      return [kind, found.count] as const
    }),
  )
  return Object.fromEntries(counts) as Record<(typeof UNFINISHED)[number], number>
}
