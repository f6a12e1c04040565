import { type EngineWork, type FaceEngine, type GalleryPorts, makeThumbnail } from '@semblance/core'
import type { ThumbnailPayload } from '../catalogue.ts'
import type { ThumbnailResult } from '../job-results.ts'

export async function handleThumbnail(
  deps: { readonly gallery: GalleryPorts; readonly engine: FaceEngine },
  payload: ThumbnailPayload,
  work: EngineWork,
): Promise<ThumbnailResult> {
  const made = await makeThumbnail(deps, payload, work)
  if (made.outcome !== 'made') return made
  const { bytes } = made
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return { outcome: 'made', jpeg }
}
