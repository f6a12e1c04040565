import type { GalleryPorts } from '../gallery-ports.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportRow } from './import-row.ts'
import type { RowOutcome } from './row-outcome.ts'

export type EnrolledByRow =
  | { readonly is: 'enrolled'; readonly outcome: RowOutcome }
  /** Its image is there, without its picture or its vector: the reconciler finishes or withdraws it. */
  | { readonly is: 'unsettled' }
  | { readonly is: 'nothing' }

/** Whether an earlier run of a row enrolled its picture, and ended before it could tell so. */
export async function enrolledByRow(
  { records }: Pick<GalleryPorts, 'records'>,
  row: ImportRow,
  waiting?: Waiting,
): Promise<EnrolledByRow> {
  const imageId = row.restore?.image?.id ?? row.imageId
  if (imageId === null || row.picture === null) return { is: 'nothing' }
  const [image] = await records.images.findMany([imageId], waiting)
  if (image?.state === 'pending') return { is: 'unsettled' }
  if (image?.state !== 'ready') return { is: 'nothing' }
  return { is: 'enrolled', outcome: { kind: 'enrolled', personId: image.personId, imageId, face: null } }
}
