import type { FaceGeometry } from '../ports/face-engine.ts'

/**
 * Of the two looks of fr_landmark at 618 photos of LFW, 1.5 % are further apart than this, and none than twice as much;
 * of the faces that the cascade finds in other pictures, small and covered ones among them, 24 %.
 */
const MOST_DISAGREEMENT = 0.1

/** Whether the points may lie anywhere on the face, so that its descriptor may be of little use. */
export function areLandmarksUncertain({
  landmarkDisagreement,
}: Partial<Pick<FaceGeometry, 'landmarkDisagreement'>>): boolean {
  return (landmarkDisagreement ?? 0) > MOST_DISAGREEMENT
}
