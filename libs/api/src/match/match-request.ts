import { z } from 'zod'
import { imageUrlField } from '../fields/image-field.ts'
import { outputImageParams } from '../fields/output-image-params.ts'
import { pictureContent } from '../fields/picture-content.ts'
import { labels } from '../fields/text-field.ts'
import { searchScope, twoReaches } from '../search/search-scope.ts'

/** The limit is ours. It is far above any limit per type, so that those are told by their own code. */
const MAX_IMAGES = 1000

/** The members of the contract's ImageSource that mean something here. */
export const IMAGE_TYPES = { live: 3, documentWithLive: 4 } as const

const imageFields = {
  imageUrl: imageUrlField,
  type: z.literal([1, 2, 3, 4, 5, 6, 7]).nullish().meta({
    description:
      '1 printed document, 2 document chip, 3 live (if left out), 4 document with live face, 5 external, 6 ghost portrait, 7 barcode. The faces of a picture of type 4 are compared with one another, too.',
    example: 3,
  }),
  index: z.int().min(0).nullish().meta({
    description: 'What the answer calls this picture by; left out: the smallest number that is free.',
  }),
  detectAll: z.boolean().nullish().meta({ description: 'Every face instead of the most central one.' }),
}

const images = <Image extends z.ZodType>(image: Image) =>
  z.array(image).max(MAX_IMAGES).meta({ description: 'Two or more, or a single one of type 4.' })

export const matchRequest = z
  .object({
    images: images(
      z.object({ data: pictureContent.meta({ description: 'The picture in Base64.' }), ...imageFields }),
    ),
    outputImageParams: outputImageParams.meta({
      description: 'Asks for the aligned face pictures in detections[].faces[].crop.',
    }),
    thumbnails: z
      .boolean()
      .nullish()
      .meta({ description: 'Old clients: asks for face pictures of 3:4, as thumbnail.', deprecated: true }),
    ...labels,
  })
  .meta({ id: 'MatchRequest' })

export const matchAndSearchRequest = z
  .object({
    images: images(
      z.object({ content: pictureContent.meta({ description: 'The picture in Base64.' }), ...imageFields }),
    ),
    ...searchScope,
    ...labels,
  })
  .superRefine((input, context) => {
    const message = twoReaches(input)
    if (message !== null) context.addIssue({ code: 'custom', message, path: ['targetFpir'] })
  })
  .meta({ id: 'MatchAndSearchRequest' })
export type MatchImageInput = z.output<typeof matchAndSearchRequest>['images'][number]
