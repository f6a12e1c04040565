import type { GalleryPorts } from '../gallery-ports.ts'
import { useUpImageId } from '../images/use-up-image-id.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { RowWork } from './person-of-row.ts'
import { isOfExport } from './restore-image.ts'
import type { RowOutcome } from './row-outcome.ts'

export type EnrolledByRow =
  | { readonly is: 'enrolled'; readonly outcome: RowOutcome }
  /** Its image is there, without its picture or its vector: the reconciler finishes or withdraws it. */
  | { readonly is: 'unsettled' }
  | { readonly is: 'nothing' }

/**
 * Whether an earlier run of a row enrolled its picture, and ended before it could tell so. If it did not, it never will: a worker
 * that is still at it, for a process that has died, finds the id of its image used up. Only whoever has the claim on the row
 * may ask. The id of an image that is brought back stays usable, since the same export may be imported again; whoever brings it
 * back asks for the row's end right before that.
 */
export async function enrolledByRow(
  gallery: Pick<GalleryPorts, 'records' | 'clock' | 'newId'>,
  { row, policies }: Pick<RowWork, 'row' | 'policies'>,
  waiting?: Waiting,
): Promise<EnrolledByRow> {
  if (policies.dryRun) return { is: 'nothing' }
  const before = await lookUp(gallery, row, waiting)
  const isOwnId = row.imageId !== null && row.picture !== null && row.restore?.image === undefined
  if (before.is !== 'nothing' || !isOwnId) return before
  if (await useUpImageId(gallery, row.imageId, waiting)) return before
  // It came between the two.
  return lookUp(gallery, row, waiting)
}

async function lookUp(
  { records }: Pick<GalleryPorts, 'records'>,
  row: RowWork['row'],
  waiting?: Waiting,
): Promise<EnrolledByRow> {
  const imageId = row.restore?.image?.id ?? row.imageId
  if (imageId === null || row.picture === null) return { is: 'nothing' }
  const [image] = await records.images.findMany([imageId], waiting)
  if (image?.state === 'pending') return { is: 'unsettled' }
  if (image?.state !== 'ready') return { is: 'nothing' }
  // An id of an export may stand for another picture here, or for that of another person.
  if (row.restore?.image !== undefined && row.person.by === 'id') {
    const exported = { there: image, image: row.restore.image, personId: row.person.id }
    if (!(await isOfExport({ records }, exported, waiting))) return { is: 'nothing' }
  }
  return { is: 'enrolled', outcome: { kind: 'enrolled', personId: image.personId, imageId, face: null } }
}
