import { SIGN_NAMES } from '@semblance/core'
import { z } from 'zod'

/** How well a face can be compared, by how it looks to these networks; see `judgeFace` in core. */
export const qualitySchema = z.strictObject({
  bias: z.number(),
  terms: z
    .array(
      z
        .strictObject({
          sign: z.enum(SIGN_NAMES),
          worst: z.number(),
          best: z.number(),
          weight: z.number().min(0),
        })
        .refine(({ worst, best }) => worst !== best, 'worst and best must differ'),
    )
    .min(1),
  /** How sure damage is that makes faces alike; see `FaceQuality.damage` in core. */
  damage: z
    .array(
      z
        .strictObject({ sign: z.enum(SIGN_NAMES), none: z.number(), certain: z.number() })
        .refine(({ none, certain }) => none !== certain, 'none and certain must differ'),
    )
    .min(1)
    .optional(),
  /** On what and how it was fitted. */
  source: z.string(),
})
