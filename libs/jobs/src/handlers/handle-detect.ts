import { type DetectedFace, detectFaces, type EngineWork } from '@semblance/core'
import type { DetectPayload } from '../catalogue.ts'
import type { DetectedFaceResult, DetectResult } from '../job-results.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'
import { detectionOf, elapsedSince } from './result-parts.ts'

export async function handleDetect(
  deps: PictureDeps,
  payload: DetectPayload,
  work: EngineWork,
): Promise<DetectResult> {
  const begun = performance.now()
  const picture = await obtainPicture(deps, payload.picture, work)
  if (picture.outcome !== 'obtained') return picture
  const { onlyCentralFace, crop, quality, attributes } = payload
  const request = { faces: onlyCentralFace ? 'central' : 'all', crop, quality, attributes } as const
  const found = await detectFaces(deps, { picture: picture.bytes, request }, work)
  if (found.outcome !== 'detected') return found
  return { outcome: 'detected', faces: found.faces.map(resultOf), elapsedMs: elapsedSince(begun) }
}

function resultOf({ face, quality }: DetectedFace): DetectedFaceResult {
  return { detection: detectionOf(face), quality, attributes: face.attributes }
}
