import { z } from 'zod'
import { decodeBase64 } from './decode-base64.ts'

const side = z.number().int().min(1).max(65_535).nullish()

const resizeOptions = z
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

const content = z
  .string()
  .transform((text, context): Uint8Array | null => {
    if (text === '') return null
    const bytes = decodeBase64(text)
    if (bytes !== null && bytes.byteLength > 0) return bytes
    context.issues.push({ code: 'custom', message: 'must be Base64', input: undefined })
    return z.NEVER
  })
  .nullish()
  .meta({ description: 'The picture in Base64; a data-URI prefix is fine.', format: 'byte' })

/** The picture of a request: `content` wins over `imageUrl`; one of them must be there. */
export const imageField = z
  .object({
    contentType: z
      .string()
      .nullish()
      .meta({ description: 'Not used: the picture itself tells.', example: 'image/jpeg' }),
    content,
    imageUrl: z
      .string()
      .max(8192)
      .nullish()
      .meta({ description: 'Where to get the picture.', example: 'https://example.org/photo.jpg' }),
    resizeOptions,
  })
  .refine((image) => Boolean(image.content) || Boolean(image.imageUrl), {
    message: 'needs content or imageUrl',
  })
  .meta({ description: 'JPEG, PNG, WebP, TIFF, GIF (first frame), AVIF, BMP or JPEG 2000.' })

export type ImageInput = z.output<typeof imageField>
