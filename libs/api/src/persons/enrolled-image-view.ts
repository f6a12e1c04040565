import type { Image } from '@semblance/core'
import type { EnrolledFaceResult } from '@semblance/jobs'
import { z } from 'zod'
import { qualityView, viewQuality } from '../detect/detect-view.ts'
import { detectionView, viewDetection } from '../search/search-view.ts'
import { imageView, viewImage } from './person-view.ts'

/** The contract's image, and beside it the face by which it is found. */
export const enrolledImageView = imageView
  .extend({
    detection: detectionView
      .omit({ crop: true })
      .extend({ quality: qualityView.optional() })
      .optional()
      .meta({ id: 'EnrolledDetection', description: 'The face that was taken. Ours.' }),
    faceCount: z.int().optional().meta({
      description:
        'Faces seen, the one taken among them; in a picture of more than 640 pixels a side, small ones beside it may be missing. Ours.',
      example: 1,
    }),
  })
  .meta({ id: 'EnrolledImage' })

/** The view has no face for a picture that an earlier run of the same request enrolled: what it saw is not stored. */
export function viewEnrolledImage(
  image: Image,
  enrolled: EnrolledFaceResult | null,
  baseUrl: string | null,
): z.infer<typeof enrolledImageView> {
  const view = viewImage(image, baseUrl)
  if (enrolled === null) return view
  const { detection, quality, faceCount } = enrolled
  const judged = quality === null ? {} : { quality: viewQuality(quality) }
  return { ...view, detection: { ...viewDetection(detection), ...judged }, faceCount }
}
