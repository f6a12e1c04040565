import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { PageRequest } from '../page.ts'
import { listImagesOf } from '../persons/merged-persons.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { namedRow, personKeyOf } from './import-row.ts'
import type { RowWork } from './person-of-row.ts'
import type { RowOutcome } from './row-outcome.ts'

/** The picture of a row as it was sent, and as it is to be enrolled: the same bytes, unless the import shrinks pictures. */
export interface RowPictureBytes {
  readonly sent: Uint8Array
  readonly shrunk: Uint8Array
}

export interface SamePictureDeps {
  readonly gallery: GalleryPorts
  readonly imports: Pick<ImportStore, 'rows'>
}

/** A row's picture, and whose it is to be. */
export interface PictureOfPerson extends RowWork {
  readonly picture: RowPictureBytes
  readonly personId: PersonId
  /** As `PersonOfRow` has it; true where another row may have made the person since. */
  readonly hasRecord: boolean
}

const PAGE_SIZE = 1000

/**
 * Whether the person has this picture already: then that is how the row ends. Null if not, or if the import does not mind. In a
 * dry run, which enrolls nothing, an earlier row that would have enrolled it counts. Of two rows that are worked on at once, each
 * would be enrolled: see `turnOfPicture` and `withPictureAlone`.
 */
export async function samePicture(
  deps: SamePictureDeps,
  job: PictureOfPerson,
  waiting?: Waiting,
): Promise<RowOutcome | null> {
  const { policies, importId: id, row, picture, personId, hasRecord } = job
  if (policies.samePicture === 'enroll') return null
  const sha256 = digestOf(job)
  if (row.pictureSha256 === null)
    await deps.imports.rows.setPictureSha256({ id, ...namedRow(row), sha256 }, waiting)
  const stored = picture.shrunk === picture.sent ? sha256 : sha256Hex(picture.shrunk)
  const wanted = { personId, sha256: stored, except: row.imageId }
  const there = hasRecord ? await imageWith(deps.gallery, wanted, waiting) : null
  if (there !== null) return { kind: 'same-picture', personId, imageId: there }
  if (!policies.dryRun) return null
  const query = { id, personKey: personKeyOf(row.person), sha256 }
  const isThere = await deps.imports.rows.wouldHavePicture(query, waiting)
  return isThere ? { kind: 'same-picture', personId, imageId: null } : null
}

/** Of the picture as it was sent. */
export function digestOf({ row, picture }: Pick<PictureOfPerson, 'row' | 'picture'>): string {
  return row.pictureSha256 ?? sha256Hex(picture.sent)
}

/** An image of the person with these bytes; `except` is what an earlier try of the same row may have left. */
async function imageWith(
  gallery: Pick<GalleryPorts, 'records'>,
  wanted: { readonly personId: PersonId; readonly sha256: string; readonly except: ImageId | null },
  waiting?: Waiting,
): Promise<ImageId | null> {
  let request: PageRequest = { page: 1, size: PAGE_SIZE }
  for (;;) {
    const images = await listImagesOf(gallery.records, { personId: wanted.personId, request }, waiting)
    const same = images.items.find(({ id, sha256 }) => sha256 === wanted.sha256 && id !== wanted.except)
    if (same !== undefined) return same.id
    if (images.nextCursor === null) return null
    request = { ...request, cursor: images.nextCursor }
  }
}
