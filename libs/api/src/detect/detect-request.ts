import { QUALITY_NAMES } from '@semblance/core'
import { z } from 'zod'
import { NO_EFFECT } from '../endpoint/ignored-fields.ts'
import { type ImageInput, imageField } from '../fields/image-field.ts'
import { outputImageParams, rgb } from '../fields/output-image-params.ts'
import { decodeBase64, PICTURE_MARK } from '../fields/picture-content.ts'
import { labels } from '../fields/text-field.ts'

/** The contract's attributes; all but the first two are answered as undetermined. */
export const ATTRIBUTE_NAMES = [
  'Age',
  'Emotion',
  'EyeLeft',
  'EyeRight',
  'Smile',
  'Glasses',
  'HeadCovering',
  'ForeheadCovering',
  'Mouth',
  'MedicalMask',
  'Occlusion',
  'StrongMakeup',
  'Headphones',
] as const
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number]

/** The limit is ours, and enough to name every one twice. */
const MAX_NAMES = 100

const quality = z
  .object({
    backgroundMatchColor: rgb.nullish().meta({
      description: 'Accepted, without effect; answers then carry X-Semblance-Ignored.',
      ...NO_EFFECT,
    }),
    config: z
      .array(
        z.object({
          name: z.enum(QUALITY_NAMES),
          range: z
            .tuple([z.number(), z.number()])
            .nullish()
            .meta({
              description: 'Lowest and highest value that complies; left out: ours.',
              example: [-5, 5],
            }),
        }),
      )
      .max(MAX_NAMES)
      .nullish()
      .meta({ description: 'What to judge; left out or empty: everything.' }),
  })
  .nullish()
  .meta({ description: 'Asks for detections[].quality.' })

const attributes = z
  .object({
    config: z
      .array(z.object({ name: z.enum(ATTRIBUTE_NAMES) }))
      .max(MAX_NAMES)
      .nullish()
      .meta({ description: 'What to tell; left out or empty: everything.' }),
  })
  .nullish()
  .meta({ description: 'Asks for detections[].attributes.' })

const processParam = z
  .object({
    scenario: z.string().max(MAX_NAMES).nullish().meta({
      description:
        'OldMode, QualityFull, QualityICAO, QualityVisaSchengen, QualityVisaUSA, CropCentralFace, CropAllFaces, Thumbnail, AttributesAll: wins over the fields beside it. Any other name is passed over.',
      example: 'QualityICAO',
    }),
    onlyCentralFace: z
      .boolean()
      .nullish()
      .meta({ description: 'False: every face; true if left out.', example: true }),
    outputImageParams,
    quality,
    attributes,
  })
  .nullish()

/** The contract's form is Base64 alone; ours beside it is that of a search, with links. */
const image = z
  .union([
    z
      .string()
      .transform((text, context): ImageInput => {
        const bytes = decodeBase64(text)
        if (text !== '' && bytes !== null && bytes.byteLength > 0)
          return { content: bytes, contentType: null, imageUrl: null, resizeOptions: null }
        context.issues.push({ code: 'custom', message: 'must be Base64', input: undefined })
        return z.NEVER
      })
      .meta({ [PICTURE_MARK]: true }),
    imageField,
  ])
  .meta({ description: 'The picture in Base64, or an object as in a search.' })

export const detectRequest = z
  .object({
    image,
    processParam,
    onlyCentralFace: z
      .boolean()
      .nullish()
      .meta({ description: 'Old clients; as in processParam.', deprecated: true }),
    thumbnails: z
      .boolean()
      .nullish()
      .meta({ description: 'Old clients: asks for crops of 3:4.', deprecated: true }),
    attributes: z
      .boolean()
      .nullish()
      .meta({ description: 'Old clients: asks for all attributes.', deprecated: true }),
    ...labels,
  })
  .meta({ id: 'DetectRequest' })

export type DetectInput = z.output<typeof detectRequest>
