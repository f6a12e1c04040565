import { type EngineWork, enrollPicture, type Gallery } from '@semblance/core'
import type { AddImagePayload } from '../catalogue.ts'
import type { AddImageResult } from '../job-results.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'

export async function handleAddImage(
  deps: PictureDeps & { readonly gallery: Gallery },
  payload: AddImagePayload,
  work: EngineWork,
): Promise<AddImageResult> {
  const picture = await obtainPicture(deps, payload.picture, work)
  if (picture.outcome !== 'obtained') return picture
  const { imageId, personId } = payload
  return enrollPicture(deps, { imageId, personId, picture: picture.bytes }, work)
}
