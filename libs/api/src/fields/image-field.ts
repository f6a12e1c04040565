import { z } from 'zod'
import { pictureContent } from './picture-content.ts'

const side = z.number().int().min(1).max(65_535).nullish()

export const resizeOptions = z
  .object({
    width: side.meta({ description: 'Greatest width, px.' }),
    height: side.meta({ description: 'Greatest height, px.' }),
    quality: z
      .number()
      .int()
      .min(1)
      .max(100)
      .nullish()
      .meta({ description: 'JPEG quality, percent; 100 if left out.' }),
  })
  .nullish()
  .meta({ description: 'Shrinks the picture to fit inside before anything else; never enlarges it.' })

/** A picture written out where a link belongs, whatever its length. */
const DATA_URI = /^\s*data:/i

export const imageUrlField = z
  .string()
  .refine((link) => !DATA_URI.test(link), {
    abort: true,
    message: 'is a data URI and no link: send it as content (a match takes it as data)',
  })
  .max(8192)
  .nullish()
  .meta({ description: 'Where to get the picture.', example: 'https://example.org/photo.jpg' })

/** The picture of a request: `content` wins over `imageUrl`; one of them must be there. */
export const imageField = z
  .object({
    contentType: z
      .string()
      .nullish()
      .meta({ description: 'Not used: the picture itself tells.', example: 'image/jpeg' }),
    content: pictureContent.meta({ description: 'The picture in Base64; a data-URI prefix is fine.' }),
    imageUrl: imageUrlField,
    resizeOptions,
  })
  .refine((image) => Boolean(image.content) || Boolean(image.imageUrl), {
    message: 'needs content or imageUrl',
  })
  .meta({ description: 'JPEG, PNG, WebP, TIFF, GIF (first frame), AVIF, BMP or JPEG 2000.' })

export type ImageInput = z.output<typeof imageField>
