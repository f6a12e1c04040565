import { checkDescriptor, type Descriptor } from '../descriptor.ts'
import { valuesOfText } from '../descriptor-text.ts'
import type { ComparedQuality } from '../detection/face-quality.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Image } from '../images/image.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportPolicies } from './import.ts'
import type { ImportRow } from './import-row.ts'
import type { RowOutcome } from './row-outcome.ts'
import { deletedHere, isTooOldToRestore, type RestoredImage, waitedTooLong } from './row-restore.ts'

interface ImageWork {
  readonly row: Pick<ImportRow, 'takenAt' | 'pictureSha256'>
  readonly image: RestoredImage
  readonly personId: PersonId
  /** As it was sent. */
  readonly picture: Uint8Array
}

/**
 * How the row of an image ends that is here already, was deleted here, or is not what the export says; null if it is to be
 * brought back. An id stands for one picture of one person for good, so that another one never takes its place.
 */
export async function judgeRestoredImage(
  gallery: Pick<GalleryPorts, 'records' | 'clock'>,
  { row, image, personId, picture }: ImageWork,
  waiting?: Waiting,
): Promise<RowOutcome | null> {
  if ((row.pictureSha256 ?? sha256Hex(picture)) !== image.sha256)
    return { kind: 'invalid', field: 'picture', why: 'is not the one whose SHA-256 the export has' }
  const [there] = await gallery.records.images.findMany([image.id], waiting)
  if (there === undefined) return isTooOldToRestore(gallery, row) ? waitedTooLong() : null
  if (there.state !== 'ready' && there.state !== 'pending') return deletedHere('image')
  if (!(await isOfExport(gallery, { there, image, personId }, waiting))) return otherImage()
  return there.state === 'pending' ? null : { kind: 'same-picture', personId, imageId: image.id }
}

/** Whether the image that has the id of an exported one is that picture, of that person or of whom they were merged into. */
export async function isOfExport(
  { records }: Pick<GalleryPorts, 'records'>,
  given: {
    readonly there: Pick<Image, 'personId' | 'sha256'>
    readonly image: RestoredImage
    readonly personId: PersonId
  },
  waiting?: Waiting,
): Promise<boolean> {
  const { there, image, personId } = given
  if (there.sha256 !== image.sha256) return false
  if (there.personId === personId) return true
  const owners = await findOwners(records, { ids: [there.personId, personId] }, waiting)
  const owner = owners.get(there.personId)?.id
  return owner !== undefined && (owner === personId || owner === owners.get(personId)?.id)
}

/** How a row ends whose image id another picture has, or another person. */
export function otherImage(): RowOutcome {
  return { kind: 'invalid', field: 'image', why: 'has an id that another picture has here' }
}

export type DescriptorOfExport =
  | {
      readonly is: 'taken'
      readonly descriptor: Descriptor
      readonly judged: ComparedQuality
      readonly contentType: string
    }
  /** It is to be made from the picture. */
  | { readonly is: 'to-be-made'; readonly why: string }
  | { readonly is: 'refused'; readonly outcome: RowOutcome }

/** Whether the descriptor that came with an image may stand for it, so that no network has to look at the picture. */
export function descriptorOfExport(
  engine: Pick<FaceEngine, 'packId' | 'dimensions' | 'contentTypeOf'>,
  { image, picture }: Pick<ImageWork, 'image' | 'picture'>,
  { trustDescriptors = false }: Pick<ImportPolicies, 'trustDescriptors'>,
): DescriptorOfExport {
  const came = image.descriptor
  if (came === null) return { is: 'to-be-made', why: 'no descriptor came with it' }
  if (!trustDescriptors) return { is: 'to-be-made', why: 'the import does not trust descriptors' }
  if (came.packId !== engine.packId)
    return { is: 'to-be-made', why: `the descriptor of the export is of model pack ${came.packId}` }
  const descriptor = { packId: came.packId, values: valuesOfText(came.text) ?? new Float32Array() }
  try {
    checkDescriptor(descriptor, engine)
  } catch {
    const why = 'is no descriptor of this model pack'
    return { is: 'refused', outcome: { kind: 'invalid', field: 'descriptor', why } }
  }
  const contentType = engine.contentTypeOf(picture)
  const judged = { quality: came.quality ?? null, damage: came.damage ?? null }
  if (contentType !== null) return { is: 'taken', descriptor, judged, contentType }
  return { is: 'refused', outcome: { kind: 'undecodable', why: 'this is no picture that can be read' } }
}
