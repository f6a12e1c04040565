import {
  countLacking,
  type GalleryPorts,
  HELD_BACK,
  type OperationOf,
  type OperationStore,
  type PackDesk,
  UNDESCRIBED_REASONS,
  type Waiting,
} from '@semblance/core'
import { z } from 'zod'
import { operationView, viewOperation } from './operation-view.ts'

const figures = z.object({
  pack: z.string(),
  rank1: z.int().meta({ description: 'Mated probes whose own person is the nearest.' }),
  found: z.int().meta({ description: 'Those of them within a distance of 1.' }),
  falsePositives: z
    .int()
    .meta({ description: 'Probes whose nearest is somebody else, within a distance of 1.' }),
})

const comparison = z.object({
  probes: z
    .int()
    .meta({ description: 'Enrolled images that were searched for among all others, by both packs.' }),
  mated: z.int().meta({ description: 'Those of them whose person has another image.' }),
  sameTop: z.int().meta({ description: 'Probes for which both packs name the same person first.' }),
  before: figures,
  after: figures,
})

const found = z.object({
  images: z.int(),
  undescribed: z.int().meta({ description: 'Of which the new pack makes nothing.' }),
  comparison,
  held: z
    .enum(HELD_BACK)
    .optional()
    .meta({ description: 'Why the new pack did not come to serve by itself.' }),
})

export const redescribingView = z
  .object({
    serving: z.string().nullable().meta({ description: 'The pack whose descriptors are searched.' }),
    other: z.string().nullable().meta({
      description:
        'The pack by which new pictures are described as well: it is to come, or it served before.',
    }),
    lacking: z.int().nullable().meta({
      description: 'Images that nobody has described by the other pack yet; null: there is none.',
    }),
    undescribed: z.int().nullable().meta({ description: 'Images of which the other pack makes nothing.' }),
    workersWithout: z.int().nullable().meta({
      description:
        'Live workers that have not loaded the other pack yet: it cannot serve before they have. null: there is none, or the queue cannot be asked.',
    }),
    operation: z
      .object({ ...operationView.shape, pack: z.string(), share: z.number(), found: found.optional() })
      .optional()
      .meta({ description: 'The newest one that moves the gallery.' }),
  })
  .meta({ id: 'Redescribing' })

export const undescribedPage = z
  .object({
    pack: z.string(),
    items: z.array(
      z.object({
        imageId: z.string().meta({ format: 'uuid' }),
        personId: z.string().meta({ format: 'uuid' }),
        why: z.enum(UNDESCRIBED_REASONS),
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'UndescribedImages' })

interface ViewDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  readonly operations: OperationStore
  readonly packs: PackDesk
}

export async function viewRedescribing(
  { gallery, operations, packs }: ViewDeps,
  waiting: Waiting,
): Promise<z.infer<typeof redescribingView>> {
  const recorded = await packs.readPacks(waiting)
  const other = recorded?.other ?? null
  const query = { kind: 'redescribe', request: { page: 1, size: 1 } } as const
  const newest = (await operations.records.list(query, waiting)).items[0]
  return {
    serving: recorded?.serving ?? null,
    other,
    lacking: other === null ? null : await countLacking(gallery, other, waiting),
    undescribed: other === null ? null : await gallery.records.descriptors.countUndescribed(other, waiting),
    workersWithout: other === null ? null : await packs.countUnready(other).catch(() => null),
    ...(newest?.kind === 'redescribe' ? { operation: viewOperationOf(newest, gallery.clock.now()) } : {}),
  }
}

function viewOperationOf(operation: OperationOf<'redescribe'>, nowMs: number) {
  const { packId: pack, share, found: known } = operation.parameters
  const common = { ...viewOperation(operation, nowMs), pack, share }
  if (known === null) return common
  const { images, undescribed, held } = known
  const { before, after, ...counts } = known.comparison
  const view = ({ packId, ...rest }: typeof before) => ({ pack: packId, ...rest })
  const told = { ...counts, before: view(before), after: view(after) }
  return { ...common, found: { images, undescribed, comparison: told, ...(held === null ? {} : { held }) } }
}
