import type { Comparison } from '@semblance/core'
import type { ComparedPictureResult } from '@semblance/jobs'
import { z } from 'zod'
import { RESULT_CODES } from '../endpoint/result-codes.ts'
import { explainProblem, NO_FACE } from '../pictures/picture-problem.ts'
import { reachView } from '../search/search-scope.ts'
import { detectionView, searchPersonView, viewDetection, viewFound } from '../search/search-view.ts'
import type { PlannedImage } from './plan-match.ts'

const faceView = detectionView
  .extend({
    faceIndex: z.int().meta({ description: 'Among the faces of this picture.' }),
    thumbnail: z.string().optional().meta({ description: 'Old clients: as crop, if they ask for it.' }),
    persons: z
      .array(searchPersonView)
      .optional()
      .meta({ description: 'Who it is, nearest first; of match_and_search only.' }),
  })
  .meta({ id: 'MatchedFace' })
type FaceView = z.infer<typeof faceView>

const matchedPictureView = z
  .object({
    imageIndex: z.int(),
    status: z
      .int()
      .meta({ description: '0 faces were found, 1 no picture, 2 no face, 6 not a picture.', example: 0 }),
    msg: z.string().optional().meta({ description: 'Ours: what is wrong with it, for people.' }),
    faces: z.array(faceView),
  })
  .meta({ id: 'MatchedPicture' })
export type MatchedPictureView = z.infer<typeof matchedPictureView>

const comparisonView = z
  .object({
    firstIndex: z.int(),
    firstFaceIndex: z.int(),
    first: z.int().meta({ description: 'Type of the picture, as sent or 3.' }),
    secondIndex: z.int(),
    secondFaceIndex: z.int(),
    second: z.int(),
    score: z.number().meta({ description: 'Distance, 0 (the same) to 2; 1 at the operating point.' }),
    similarity: z.number().meta({ description: '0..1; 0.75 at the operating point.', example: 0.91 }),
    cosine: z.number().meta({ description: 'Of the two descriptors, -1..1; ours.' }),
  })
  .meta({ id: 'MatchResult' })
type ComparisonView = z.infer<typeof comparisonView>

export const matchResultView = z
  .object({
    code: z.int().meta({
      description:
        '0 compared, 237 there were no two faces to compare, 224 too few pictures, 238 too many of one type, 203 the request is wrong; if no picture has a face, the status of the first.',
      example: 0,
    }),
    msg: z.string().optional().meta({ description: 'Ours: what is wrong, for people.' }),
    detections: z.array(matchedPictureView),
    results: z.array(comparisonView).meta({ description: 'Every pair, in the order of pictures and faces.' }),
    elapsedTime: z.number().optional().meta({ description: 'In the worker, ms.' }),
    ...reachView,
  })
  .meta({ id: 'MatchAnswer' })
export type MatchResultView = z.infer<typeof matchResultView>

/** How the faces of an answer are shown. */
export interface FaceOptions {
  readonly asThumbnails: boolean
  readonly baseUrl: string | null
}

/** @param result null if no picture was sent */
export function viewPicture(
  { index }: PlannedImage,
  result: ComparedPictureResult | null,
  options: FaceOptions,
): MatchedPictureView {
  if (result === null)
    return { imageIndex: index, status: RESULT_CODES.noPicture, msg: 'no picture was sent', faces: [] }
  if (result.outcome === 'faces') {
    const faces = result.faces.map((face, faceIndex) => viewFace(face, faceIndex, options))
    return { imageIndex: index, status: RESULT_CODES.ok, faces }
  }
  if (result.outcome === 'no-face')
    return { imageIndex: index, status: RESULT_CODES.noFace, msg: NO_FACE, faces: [] }
  const { code: status, msg } = explainProblem(result)
  return { imageIndex: index, status, msg, faces: [] }
}

type FaceResult = Extract<ComparedPictureResult, { outcome: 'faces' }>['faces'][number]

function viewFace({ detection, persons }: FaceResult, faceIndex: number, options: FaceOptions): FaceView {
  const { asThumbnails, baseUrl } = options
  const view = viewDetection(detection)
  return {
    faceIndex,
    ...view,
    ...(asThumbnails && view.crop !== undefined ? { thumbnail: view.crop } : {}),
    ...(persons === null ? {} : { persons: persons.map((person) => viewFound(person, null, baseUrl)) }),
  }
}

/** @param images those that the comparison's positions count */
export function viewComparison(comparison: Comparison, images: readonly PlannedImage[]): ComparisonView {
  const { first, second, cosine, distance, similarity } = comparison
  const one = images[first.picture] as PlannedImage
  const other = images[second.picture] as PlannedImage
  return {
    firstIndex: one.index,
    firstFaceIndex: first.face,
    first: one.type,
    secondIndex: other.index,
    secondFaceIndex: second.face,
    second: other.type,
    score: distance,
    similarity,
    cosine,
  }
}
