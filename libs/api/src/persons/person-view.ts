import type { Group, Image, MatchedImage, Page, Person } from '@semblance/core'
import { z } from 'zod'
import { JsonText } from '../endpoint/json-text.ts'

const EXAMPLE_TIME = '2026-11-24T09:30:00.000Z'
const id = z.string().meta({ format: 'uuid', example: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77' })
const time = z.string().meta({ format: 'date-time', example: EXAMPLE_TIME })
const metadata = z
  .record(z.string(), z.unknown())
  .meta({ description: 'As it was sent.', example: { department: 'reception' } })

export const personView = z
  .object({
    id,
    name: z.string().meta({ example: 'Ada Lovelace' }),
    externalId: z.string().optional(),
    metadata,
    groups: z.array(id),
    expireAt: time.optional(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Person' })
export type PersonView = z.infer<typeof personView>

export const groupView = z
  .object({ id, name: z.string().meta({ example: 'Visitors' }), metadata, createdAt: time })
  .meta({ id: 'Group' })
export type GroupView = z.infer<typeof groupView>

export const countedGroupView = groupView
  .extend({ memberCount: z.int().meta({ description: 'Persons in the group. Ours.', example: 12 }) })
  .meta({ id: 'CountedGroup' })

const imageFields = {
  id,
  contentType: z.string().meta({ example: 'image/jpeg' }),
  createdAt: time,
  updatedAt: time,
  path: z.string().meta({ description: 'Below /api of this server.' }),
  url: z.string().optional().meta({ description: 'The picture itself; asks for the same credentials.' }),
  metadata,
  faceQuality: z
    .number()
    .optional()
    .meta({ description: 'How well the face can be compared, 0 to 100. Ours.', example: 93.5 }),
}

export const imageView = z.object(imageFields).meta({ id: 'Image' })
export type ImageView = z.infer<typeof imageView>

export const matchedImageView = z
  .object({
    ...imageFields,
    content: z.string().optional().meta({ description: 'Base64, with withImages=true.' }),
    similarity: z.number().meta({ description: '0..1; 0.75 at the operating point.', example: 0.91 }),
    distance: z.number().meta({ description: '0..2; 1 at the operating point.', example: 0.36 }),
    cosine: z.number().meta({ description: 'Of the two descriptors, -1..1; ours.', example: 0.93 }),
  })
  .meta({ id: 'RecognizeImage' })
export type MatchedImageView = z.infer<typeof matchedImageView>

export const groupPage = pageOfView(groupView, 'GroupPage')
export const personPage = pageOfView(personView, 'PersonsPage')
export const imagePage = pageOfView(imageView, 'ImagePage')

function pageOfView<Item extends z.ZodType>(item: Item, id: string) {
  return z
    .object({
      items: z.array(item),
      page: z.int(),
      totalPages: z.int().meta({ description: '0 if empty. With a cursor, of what comes after it.' }),
      nextCursor: z
        .string()
        .optional()
        .meta({ description: 'To be sent as `cursor` for what comes next; left out at the end. Ours.' }),
    })
    .meta({ id })
}

export function viewPage<T, View>(page: Page<T>, view: (item: T) => View) {
  const { items, page: number, totalPages, nextCursor } = page
  const more = nextCursor === null ? {} : { nextCursor }
  return { items: items.map(view), page: number, totalPages, ...more }
}

/** Absent fields are left out: clients of the contract expect a string or nothing. */
export function viewPerson(person: Person): PersonView {
  return {
    id: person.id,
    name: person.name,
    ...(person.externalId === null ? {} : { externalId: person.externalId }),
    metadata: viewMetadata(person.metadata),
    groups: [...person.groups],
    ...(person.expireAt === null ? {} : { expireAt: isoTime(person.expireAt) }),
    createdAt: isoTime(person.createdAt),
    updatedAt: isoTime(person.updatedAt),
  }
}

export function viewGroup(group: Group): GroupView {
  return {
    id: group.id,
    name: group.name,
    metadata: viewMetadata(group.metadata),
    createdAt: isoTime(group.createdAt),
  }
}

/** @param baseUrl without a slash at the end; null leaves the absolute link out */
export function viewImage(image: Image, baseUrl: string | null): ImageView {
  const path = `persons/${image.personId}/images/${image.id}`
  const createdAt = isoTime(image.createdAt)
  return {
    id: image.id,
    contentType: image.contentType,
    createdAt,
    // An enrolled picture never changes.
    updatedAt: createdAt,
    path,
    ...(baseUrl === null ? {} : { url: `${baseUrl}/api/${path}` }),
    metadata: {},
    ...(image.quality === null ? {} : { faceQuality: image.quality }),
  }
}

export function viewMatchedImage(matched: MatchedImage, baseUrl: string | null): MatchedImageView {
  const { similarity, distance, cosine } = matched
  return { ...viewImage(matched.image, baseUrl), similarity, distance, cosine }
}

/**
 * Metadata goes out to the letter: numbers keep the digits that they were sent with. The stores set aside what is no
 * JSON object.
 */
function viewMetadata(text: string): Record<string, unknown> {
  // Those who read answers take it for the object that the text says.
  return new JsonText(text) as unknown as Record<string, unknown>
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
