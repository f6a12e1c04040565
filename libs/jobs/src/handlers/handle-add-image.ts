import { type EngineWork, type EnrolledFace, enrollPicture, type GalleryPorts } from '@semblance/core'
import type { AddImagePayload } from '../catalogue.ts'
import type { AddImageResult, EnrolledFaceResult } from '../job-results.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'
import { detectionOf } from './result-parts.ts'

export async function handleAddImage(
  deps: PictureDeps & { readonly gallery: GalleryPorts },
  payload: AddImagePayload,
  work: EngineWork,
): Promise<AddImageResult> {
  const picture = await obtainPicture(deps, payload.picture, work)
  if (picture.outcome !== 'obtained') return picture
  const { imageId, personId, gate } = payload
  const outcome = await enrollPicture(deps, { imageId, personId, picture: picture.bytes, gate }, work)
  if (outcome.outcome !== 'added') return outcome
  return { ...outcome, enrolled: outcome.enrolled && resultOf(outcome.enrolled) }
}

function resultOf({ face, quality, faceCount }: EnrolledFace): EnrolledFaceResult {
  return { detection: detectionOf(face), quality, faceCount }
}
