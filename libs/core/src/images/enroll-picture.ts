import type { Gallery } from '../gallery.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import type { EngineWork, FaceEngine, PictureFault } from '../ports/face-engine.ts'
import { type AddImageOutcome, addImage } from './add-image.ts'
import { sha256Hex } from './picture-digest.ts'

export type EnrollOutcome = AddImageOutcome | { readonly outcome: 'no-face' } | PictureFault

/** Finds the central face, describes it richly and adds the picture to the person; nothing is stored without a face. */
export async function enrollPicture(
  deps: { readonly gallery: Gallery; readonly engine: FaceEngine },
  job: { readonly imageId: ImageId; readonly personId: PersonId; readonly picture: Uint8Array },
  work: EngineWork,
): Promise<EnrollOutcome> {
  const { gallery, engine } = deps
  const { imageId, personId, picture } = job
  if ((await findVisiblePerson(gallery, personId, work)) === null) return { outcome: 'person-not-found' }
  const report = await engine.findFaces(picture, { faces: 'central', effort: 'rich', crop: null }, work)
  if (report.outcome !== 'faces') return report.outcome === 'no-face' ? { outcome: 'no-face' } : report
  const draft = {
    id: imageId,
    personId,
    contentType: report.picture.contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: gallery.clock.now(),
    descriptor: report.faces[0].descriptor,
  }
  // From here on a caller's leaving must not stop half way; what a crash leaves, the reconciler finishes.
  return addImage(gallery, { draft, picture })
}
