import type { ThumbnailRequest } from '@semblance/core'
import { z } from 'zod'

/** Twice as dense screens, and tiles in three sizes: a few sizes only, so that a cache is of use. */
const SIDES = [96, 192, 384, 768]
const DEFAULT_SIDE = 192
const texts = SIDES.map(String)

export type WantedThumbnail = Pick<ThumbnailRequest, 'side' | 'crop'>

const side = z
  .string()
  .refine((text) => texts.includes(text), `must be one of ${texts.join(', ')}`)
  .transform(Number)
const crop = z
  .enum(['face'])
  .transform((): ThumbnailRequest['crop'] => 'face')
  .optional()
  .meta({
    description: 'An upright square around the face, in place of the whole picture. Ours.',
    override: { type: 'string', enum: ['face'] },
  })

const SIZE_DOCS = 'The longest side of a small copy, in pixels; never enlarged. Ours.'

/** Without `size`, the picture as it was enrolled: that is what the contract knows. */
export const imageQuery = z
  .object({
    size: side.optional().meta({ description: SIZE_DOCS, override: { type: 'integer', enum: SIDES } }),
    crop,
  })
  .refine(({ size, crop }) => size !== undefined || crop === undefined, {
    path: ['crop'],
    message: 'needs a size',
  })

export const pictureQuery = z.object({
  size: side
    .default(DEFAULT_SIDE)
    .meta({ description: SIZE_DOCS, override: { type: 'integer', enum: SIDES, default: DEFAULT_SIDE } }),
  crop,
})

/** Null: the picture as it was enrolled. */
export function thumbnailOf({ size, crop = 'whole' }: z.output<typeof imageQuery>): WantedThumbnail | null {
  return size === undefined ? null : { side: size, crop }
}
