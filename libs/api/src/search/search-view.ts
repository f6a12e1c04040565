import { areLandmarksUncertain, type IdentifiedPerson } from '@semblance/core'
import type { DetectionResult, SearchResult } from '@semblance/jobs'
import { z } from 'zod'
import {
  imageView,
  matchedImageView,
  personView,
  viewImage,
  viewMatchedImage,
  viewPerson,
} from '../persons/person-view.ts'
import { brokenLimitView } from '../pictures/low-quality.ts'
import { reachView } from './search-scope.ts'

export const roiInPictureField = z
  .array(z.number())
  .optional()
  .meta({
    description: 'What of roi lies in the picture: x, y, width, height. Ours.',
    example: [350, 290, 240, 310],
  })

export const landmarksUncertainField = z.literal(true).optional().meta({
  description:
    'The landmarks may lie anywhere on the face, so what is made of them may be of little use. Left out otherwise. Ours.',
})

const partField = z.number().min(0).max(100)

export const faceQualityField = z
  .object({
    value: z.number().min(0).max(100).meta({
      description: 'So many in a hundred comparisons with another photo of the person are likely to succeed.',
      example: 93.5,
    }),
    parts: z
      .object({
        size: partField,
        sharpness: partField,
        exposure: partField,
        pose: partField,
        covering: partField,
        detection: partField,
        landmarks: partField,
        agreement: partField,
        norm: partField,
      })
      .meta({ description: 'What may be bad, each 0 (bad) to 100.' }),
  })
  .optional()
  .meta({ description: 'How well the face can be compared; left out if the model pack cannot tell. Ours.' })

export const detectionView = z
  .object({
    landmarks: z.array(z.array(z.int())).meta({
      description: 'Eye, eye, nose, mouth corner, mouth corner; whole pixels.',
      example: [[412, 380]],
    }),
    roi: z.array(z.number()).meta({
      description: 'x, y, width, height; may reach outside the picture.',
      example: [350, 290, 240, 310],
    }),
    roiInPicture: roiInPictureField,
    rotationAngle: z.number().meta({ description: 'Clockwise turn of the face, degrees.', example: -3.2 }),
    landmarksUncertain: landmarksUncertainField,
    faceQuality: faceQualityField,
    crop: z.string().optional().meta({ description: 'Base64 of a JPEG, if asked for.' }),
  })
  .meta({ id: 'SearchDetection' })
type DetectionView = z.infer<typeof detectionView>

export const searchPersonView = personView
  .extend({
    images: z.array(matchedImageView),
    detection: detectionView
      .optional()
      .meta({ description: 'The face searched with; left out of a search by personId or imageId.' }),
  })
  .meta({ id: 'SearchPerson' })
export type SearchPersonView = z.infer<typeof searchPersonView>

export const searchResultView = z
  .object({
    code: z.int().meta({
      description:
        '0 searched, 2 no face, 6 not a picture, 231 nobody was found, and createPerson is refused for its quality.',
      example: 0,
    }),
    persons: z.array(searchPersonView),
    ...reachView,
    msg: z.string().optional().meta({ description: 'With any code but 0: why, for people. Ours.' }),
    lowQuality: z
      .array(brokenLimitView)
      .optional()
      .meta({ description: 'With code 231: what of createPerson.quality the face breaks. Ours.' }),
  })
  .meta({ id: 'SearchResult' })

export const createdPersonView = personView
  .extend({ images: z.array(imageView), detection: detectionView })
  .meta({ id: 'CreatedPerson' })
export type CreatedPersonView = z.infer<typeof createdPersonView>

export function viewDetection(detection: DetectionResult): DetectionView {
  const { box, boxInPicture, landmarks, rotationAngle, faceQuality, crop } = detection
  return {
    // Java and C# clients read these as integers and throw on a fraction.
    landmarks: landmarks.map((point) => [Math.round(point.x), Math.round(point.y)]),
    roi: viewBox(box),
    ...(boxInPicture === undefined ? {} : { roiInPicture: viewBox(boxInPicture) }),
    rotationAngle: toHundredths(rotationAngle),
    ...(areLandmarksUncertain(detection) ? { landmarksUncertain: true as const } : {}),
    ...(faceQuality === undefined ? {} : { faceQuality }),
    ...(crop === null ? {} : { crop }),
  }
}

export function viewFound(
  found: IdentifiedPerson,
  detection: DetectionResult | null,
  baseUrl: string | null,
): SearchPersonView {
  return {
    ...viewPerson(found.person),
    images: found.images.map((matched) => viewMatchedImage(matched, baseUrl)),
    ...(detection === null ? {} : { detection: viewDetection(detection) }),
  }
}

/** The new person at top level, as both generations of clients read it. */
export function viewCreated(
  result: Extract<SearchResult, { outcome: 'created' }>,
  baseUrl: string | null,
): CreatedPersonView {
  return {
    ...viewPerson(result.person),
    images: [viewImage(result.image, baseUrl)],
    detection: viewDetection(result.detection),
  }
}

function viewBox({ x, y, width, height }: DetectionResult['box']): number[] {
  return [x, y, width, height].map(toHundredths)
}

function toHundredths(value: number): number {
  return Math.round(value * 100) / 100
}
