import { z } from 'zod'

/** Cosine and share of all pairs of different people that reach it, by rising cosine; see `ImpostorTail` in core. */
const impostorTailSchema = z
  .array(z.tuple([z.number().min(-1).max(1), z.number().gt(0).max(1)]))
  .min(2)
  .refine(
    (points) =>
      points.every(([cosine, rate], at) => {
        const before = points[at - 1]
        return before === undefined || (before[0] < cosine && before[1] > rate)
      }),
    'cosines must rise, and rates must fall',
  )

/** Quality of the better face and how much more alike two faces must be, by rising quality; see `QualityShift` in core. */
const qualityShiftSchema = z
  .array(z.tuple([z.number().min(0).max(100), z.number().min(0).max(0.3)]))
  .min(1)
  .refine(
    (points) =>
      points.at(-1)?.[1] === 0 &&
      points.every(([quality, shift], at) => {
        const before = points[at - 1]
        return before === undefined || (before[0] < quality && before[1] >= shift)
      }),
    'qualities must rise, and shifts must fall to 0',
  )

const cosineSchema = z.number().min(-1).max(1).nullable()

/** What cosines of a pack's descriptors mean; see `Calibration` in core. */
export const calibrationSchema = z.strictObject({
  /** Cosines that the wire calls distance 1; see `Calibration` in core. Null until measured. */
  operatingPoint: z.strictObject({
    richCheap: cosineSchema,
    cheapCheap: cosineSchema,
    /** Packs that were made before it was told apart leave it out: then it is the one of a search. */
    richRich: cosineSchema.optional(),
  }),
  /** What they were measured on. */
  measuredOn: z.string().nullable(),
  /** How often strangers come how near; left out until measured. */
  impostorTails: z
    .strictObject({
      richCheap: impostorTailSchema,
      cheapCheap: impostorTailSchema,
      richRich: impostorTailSchema,
      /** How the points were had: which were counted, which are of a fit, and how far that is off. */
      source: z.string(),
    })
    .optional(),
  /** How much more alike two bad faces must be; left out until measured. */
  qualityShift: z
    .strictObject({
      points: qualityShiftSchema,
      /** How the points were had. */
      source: z.string(),
    })
    .optional(),
  /** How much more alike two faces must be that are both damaged; left out until measured. */
  damageShift: z
    .strictObject({
      /** Cosine, for two faces of certain damage; see `PairShift` in core. */
      shift: z.number().min(0).max(0.3),
      /** How it was had. */
      source: z.string(),
    })
    .optional(),
})
