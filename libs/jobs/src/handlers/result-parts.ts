import type { FaceGeometry } from '@semblance/core'
import type { DetectionResult } from '../job-results.ts'

/** Everything of a face that may leave the worker; its descriptor may not. */
export function detectionOf(face: FaceGeometry & { readonly crop: Uint8Array | null }): DetectionResult {
  const { box, boxInPicture, score, landmarks, rotationAngle, landmarkDisagreement, quality, crop } = face
  return {
    box,
    boxInPicture,
    score,
    landmarks,
    rotationAngle,
    landmarkDisagreement,
    // What is compared by stays inside: callers are told how good the face is.
    ...(quality === undefined ? {} : { faceQuality: { value: quality.value, parts: quality.parts } }),
    crop:
      crop === null ? null : Buffer.from(crop.buffer, crop.byteOffset, crop.byteLength).toString('base64'),
  }
}

/** Milliseconds since `begun` of the same clock, to the microsecond: what an answer tells of its time. */
export function elapsedSince(begun: number): number {
  return Math.round((performance.now() - begun) * 1000) / 1000
}
