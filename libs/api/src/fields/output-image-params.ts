import type { CropRequest } from '@semblance/core'
import { z } from 'zod'
import { NO_EFFECT } from '../endpoint/ignored-fields.ts'

/** The limit is ours; the contract names none. */
const MAX_CROP_SIDE_PX = 4096

/** `crop.type` of the contract: width to height. */
const CROP_RATIOS = {
  0: { width: 3, height: 4 },
  1: { width: 4, height: 5 },
  2: { width: 2, height: 3 },
  3: { width: 1, height: 1 },
  4: { width: 7, height: 9 },
} as const satisfies Record<0 | 1 | 2 | 3 | 4, CropRequest['ratio']>

const channel = z.int().min(0).max(255)

/** Red, green, blue. */
export const rgb = z.tuple([channel, channel, channel])

const side = z.int().min(1).max(MAX_CROP_SIDE_PX)

/** How a face is shown in an answer. */
export const outputImageParams = z
  .object({
    backgroundColor: rgb.nullish().meta({
      description: 'Accepted, without effect; answers then carry X-Semblance-Ignored.',
      ...NO_EFFECT,
      example: [128, 128, 128],
    }),
    crop: z
      .object({
        type: z
          .literal([0, 1, 2, 3, 4])
          .nullish()
          .meta({ description: 'Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9.', example: 0 }),
        padColor: rgb.nullish().meta({ description: 'Of what lies outside the picture; black if left out.' }),
        size: z
          .tuple([side, side])
          .nullish()
          .meta({ description: 'Width and height; applied only if it fits the type.', example: [300, 400] }),
      })
      .nullish(),
  })
  .nullish()
  .meta({ description: 'Asks for an upright picture of each face.' })

type OutputImageParams = z.output<typeof outputImageParams>

interface Crop {
  readonly ratio: { width: number; height: number }
  readonly size: { width: number; height: number } | null
  readonly padColor: [number, number, number]
}

/** `crop.type` 0 of the contract at the face's own size. */
export const PORTRAIT: Crop = { ratio: CROP_RATIOS[0], size: null, padColor: [0, 0, 0] }

export function cropOf(params: OutputImageParams): Crop | null {
  const crop = params?.crop
  if (crop == null) return null
  return {
    ratio: CROP_RATIOS[crop.type ?? 0],
    size: crop.size == null ? null : { width: crop.size[0], height: crop.size[1] },
    padColor: crop.padColor ?? [0, 0, 0],
  }
}
