import type { FaceGeometry } from '@semblance/core'
import type { DetectionResult } from '../job-results.ts'

/** Everything of a face that may leave the worker; its descriptor may not. */
export function detectionOf(face: FaceGeometry & { readonly crop: Uint8Array | null }): DetectionResult {
  const { box, boxInPicture, score, landmarks, rotationAngle, crop } = face
  return {
    box,
    boxInPicture,
    score,
    landmarks,
    rotationAngle,
    crop:
      crop === null ? null : Buffer.from(crop.buffer, crop.byteOffset, crop.byteLength).toString('base64'),
  }
}
