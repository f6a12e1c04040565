import {
  type ComparedImages,
  type DescribeAgainOutcome,
  GATE_NAMES,
  type GalleryId,
  type GroupId,
  type ImageId,
  type ImportId,
  type PackId,
  type PersonId,
  type PictureRef,
  QUALITY_NAMES,
  type RowOutcome,
  type SearchEnrolledOutcome,
} from '@semblance/core'
import { z } from 'zod'
import { defineJob, type JobDefinition, type PayloadOf, type ResultOf } from './define-job.ts'
import type {
  AddImageResult,
  CompareResult,
  DetectResult,
  SearchResult,
  ThumbnailResult,
} from './job-results.ts'

const id = <T extends string>() => z.custom<T>((value) => typeof value === 'string' && value.length > 0)

const resize = z.object({
  width: z.number().int().positive().nullable(),
  height: z.number().int().positive().nullable(),
  quality: z.number().int().min(1).max(100),
})

/** What a job is told of the request that it is done for. */
const origin = z.object({
  requestId: z.string(),
  /** If left out, it is the installation's only gallery. */
  galleryId: id<GalleryId>().optional(),
  /** The step of the trace that waits for the job, as W3C writes it. */
  traceparent: z.string().optional(),
})
export type JobOrigin = z.infer<typeof origin>

/** The place where a job finds its picture. Bytes wait elsewhere: a queue is no place for pixels. */
const pictureSource = z.object({
  from: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ref'), ref: id<PictureRef>() }),
    z.object({ kind: z.literal('link'), url: z.string() }),
  ]),
  resize: resize.nullable(),
})
export type PictureSource = z.infer<typeof pictureSource>

const channel = z.number().int().min(0).max(255)
const side = z.number().int().positive()

const crop = z.object({
  ratio: z.object({ width: side, height: side }),
  size: z.object({ width: side, height: side }).nullable(),
  padColor: z.tuple([channel, channel, channel]),
})

const gate = z.array(z.object({ name: z.enum(GATE_NAMES), range: z.tuple([z.number(), z.number()]) }))

const newcomer = z.object({
  personId: id<PersonId>(),
  imageId: id<ImageId>(),
  name: z.string(),
  metadata: z.string(),
  ttlSeconds: z.number().positive().nullable(),
  /** Gateways of an earlier release leave it out. */
  gate: gate.optional(),
})

const fieldFilter = z.object({
  field: z.enum(['name', 'externalId']),
  op: z.enum(['in', 'nin']),
  values: z.array(z.string()),
})

/** Whom a search may answer. */
const identifyQuery = {
  groupIds: z.array(id<GroupId>()),
  field: fieldFilter.nullable(),
  /** Gateways of an earlier release leave it out. */
  metadata: z.array(z.object({ path: z.array(z.string()), value: z.string() })).optional(),
  threshold: z.number().min(0).max(2),
  /** In place of the threshold; gateways of an earlier release leave it out. */
  targetFpir: z.number().gt(0).lt(1).optional(),
  limit: z.number().int().positive(),
}

const searchPayload = z.object({
  ...origin.shape,
  picture: pictureSource,
  ...identifyQuery,
  detectAll: z.boolean(),
  crop: crop.nullable(),
  createPerson: newcomer.nullable(),
})
export type SearchPayload = z.infer<typeof searchPayload>

const searchEnrolledPayload = z.object({
  ...origin.shape,
  enrolled: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('person'), personId: id<PersonId>() }),
    z.object({ kind: z.literal('image'), imageId: id<ImageId>() }),
  ]),
  includeSelf: z.boolean(),
  ...identifyQuery,
})
export type SearchEnrolledPayload = z.infer<typeof searchEnrolledPayload>

const addImagePayload = z.object({
  ...origin.shape,
  imageId: id<ImageId>(),
  personId: id<PersonId>(),
  picture: pictureSource,
  /** What the face must comply with; gateways of an earlier release leave it out. */
  gate: gate.optional(),
})
export type AddImagePayload = z.infer<typeof addImagePayload>

const qualityCheck = z.object({
  name: z.enum(QUALITY_NAMES),
  range: z.tuple([z.number(), z.number()]).nullable(),
})

const detectPayload = z.object({
  ...origin.shape,
  picture: pictureSource,
  onlyCentralFace: z.boolean(),
  crop: crop.nullable(),
  /** Null: no quality report. */
  quality: z.array(qualityCheck).nullable(),
  attributes: z.array(z.enum(['age', 'emotion'])),
})
export type DetectPayload = z.infer<typeof detectPayload>

const comparePayload = z.object({
  ...origin.shape,
  pictures: z.array(
    z.object({
      picture: pictureSource,
      faces: z.enum(['central', 'all']),
      /** Its faces are compared with one another, too. */
      isComparedWithin: z.boolean(),
    }),
  ),
  crop: crop.nullable(),
  /** Whom each face is looked for among; null: nobody is searched. */
  search: z.object(identifyQuery).nullable(),
})
export type ComparePayload = z.infer<typeof comparePayload>

const importRowPayload = z.object({
  ...origin.shape,
  importId: id<ImportId>(),
  /** Of the row; what it holds is read from the store of imports. */
  key: z.string(),
  /** Null: the row is about the person alone. */
  picture: z
    .discriminatedUnion('from', [
      z.object({ from: z.literal('staged'), stagedId: id<ImageId>() }),
      z.object({ from: z.literal('link'), url: z.string() }),
    ])
    .nullable(),
  policies: z.object({
    faces: z.enum(['one', 'central', 'largest']),
    quality: gate,
    samePicture: z.enum(['skip', 'enroll']),
    samePerson: z.enum(['off', 'report', 'refuse']),
    onConflict: z.enum(['keep', 'update']),
    trustDescriptors: z.boolean().optional(),
    resize: resize.nullable(),
    dryRun: z.boolean(),
  }),
  /** Groups of the import. */
  groups: z.array(id<GroupId>()),
  /** The distance within which another person's face counts as the same person's. */
  threshold: z.number().min(0).max(2),
})
export type ImportRowPayload = z.infer<typeof importRowPayload>

const findDuplicatesPayload = z.object({
  ...origin.shape,
  /** Images with greater ids are compared; null: from the first on. */
  after: id<ImageId>().nullable(),
  threshold: z.number().min(0).max(2),
  groupIds: z.array(id<GroupId>()),
})

const redescribePayload = z.object({
  ...origin.shape,
  imageId: id<ImageId>(),
  /** The pack by which it is to be described. */
  packId: id<PackId>(),
})

const thumbnailPayload = z.object({
  ...origin.shape,
  imageId: id<ImageId>(),
  /** The longest side, in pixels. */
  side,
  crop: z.enum(['whole', 'face']),
})
export type ThumbnailPayload = z.infer<typeof thumbnailPayload>

/** A picture behind a link, as it is there. */
export function linkSource(url: string): PictureSource {
  return { from: { kind: 'link', url }, resize: null }
}

/**
 * Every job that there is, by its name on the queue. Callers (`runJob`), handlers (`job-handlers.ts`) and the lane that a
 * call without one takes come from here.
 */
export const catalogue = {
  /** Who is in this picture? */
  search: defineJob<SearchResult>()({
    lane: 'search',
    payload: searchPayload,
    picturesOf: ({ picture }) => [picture],
  }),
  /** Who else looks like this person, or like this picture, of the gallery? */
  'search-enrolled': defineJob<SearchEnrolledOutcome>()({
    lane: 'search',
    payload: searchEnrolledPayload,
    picturesOf: () => [],
  }),
  /** Do these pictures show the same person, and who is it? Somebody waits for it, as for a search. */
  compare: defineJob<CompareResult>()({
    lane: 'search',
    payload: comparePayload,
    picturesOf: ({ pictures }) => pictures.map(({ picture }) => picture),
  }),
  /** Where are the faces, and what do they look like? Somebody waits for it, as for a search. */
  detect: defineJob<DetectResult>()({
    lane: 'search',
    payload: detectPayload,
    picturesOf: ({ picture }) => [picture],
  }),
  /** Enrolls a picture under a person. */
  'add-image': defineJob<AddImageResult>()({
    lane: 'enroll',
    payload: addImagePayload,
    picturesOf: ({ picture }) => [picture],
  }),
  /**
   * A small copy of an enrolled picture, to be looked at. Somebody waits for it, but a screen full of them must not hold up
   * a search, nor wait for the end of an import: so it has the lane between. Every gateway may ask for some at once, and
   * pages of them never take the room of an enrollment.
   */
  thumbnail: defineJob<ThumbnailResult>()({
    lane: 'enroll',
    laneShare: 0.25,
    payload: thumbnailPayload,
    picturesOf: () => [],
  }),
  /** Does one row of an import. */
  'import-row': defineJob<RowOutcome>()({
    lane: 'bulk',
    payload: importRowPayload,
    picturesOf: ({ picture }) => (picture?.from === 'link' ? [linkSource(picture.url)] : []),
  }),
  /** Who is enrolled twice, among some of the images and all others? */
  'find-duplicates': defineJob<ComparedImages>()({
    lane: 'bulk',
    payload: findDuplicatesPayload,
    picturesOf: () => [],
  }),
  /** Describes an enrolled picture by another pack. */
  redescribe: defineJob<DescribeAgainOutcome>()({
    lane: 'bulk',
    payload: redescribePayload,
    picturesOf: () => [],
  }),
} as const

export type JobName = keyof typeof catalogue
export type JobPayload<Name extends JobName> = PayloadOf<(typeof catalogue)[Name]>
export type JobResult<Name extends JobName> = ResultOf<(typeof catalogue)[Name]>

/** The catalogue once more, typed so that a name leads to its payload and its result. */
const JOBS: { readonly [Name in JobName]: JobDefinition<JobPayload<Name>, JobResult<Name>> } = catalogue

export function definitionOf<Name extends JobName>(
  name: Name,
): JobDefinition<JobPayload<Name>, JobResult<Name>> {
  return JOBS[name]
}

/** The links behind which a job finds its pictures; their fetching is the job's preparation. */
export function linksOf<Name extends JobName>(name: Name, payload: JobPayload<Name>): readonly string[] {
  const pictures = definitionOf(name).picturesOf(payload)
  return pictures.flatMap(({ from }) => (from.kind === 'link' ? [from.url] : []))
}
