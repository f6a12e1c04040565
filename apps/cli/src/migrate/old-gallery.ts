import { exactNumberText, parseExactJson } from '@semblance/core'
import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import type { WireAnswer, WireClient } from '../server/wire-client.ts'

/** The largest page is 13 MB, with 64 KB of metadata for each person. */
const PERSONS_A_PAGE = 200
const IMAGES_A_PAGE = 1000

/** Ids go into paths: nothing that could lead elsewhere. The original's are UUIDs; of images it promises only text. */
const id = z.string().regex(/^(?!\.{1,2}$)[\w.~:-]{1,200}$/)
/** Handed on as it is: a schema that rebuilds it would lose a key such as `__proto__`. */
const metadata = z.custom<object>(isObject).nullish()
/** `3.0` comes as a number that is kept as text, for the sake of the metadata. */
const count = z.unknown().transform((value) => Number(exactNumberText(value) ?? value ?? Number.NaN))

const oldGroup = z.object({ id, name: z.string().nullish(), metadata })
export type OldGroup = z.output<typeof oldGroup>

const oldPerson = z.object({
  id,
  name: z.string().nullish(),
  externalId: z.string().nullish(),
  metadata,
  groups: z.array(id).nullish(),
  expireAt: z.string().nullish(),
})
export type OldPerson = z.output<typeof oldPerson>

const oldImage = z.object({ id, createdAt: z.string().nullish(), contentType: z.string().nullish() })
export type OldImage = z.output<typeof oldImage>

export type Picture =
  | { readonly outcome: 'read'; readonly bytes: Buffer; readonly contentType: string | null }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'failed'; readonly reason: string }

/** The gallery that is moved; only ever read. Works with the calls that the original has. */
export class OldGallery {
  readonly #client: WireClient

  constructor(client: WireClient) {
    this.#client = client
  }

  /** Oldest first, as far as the source lists its newest first. */
  async groups(): Promise<readonly OldGroup[]> {
    const groups: OldGroup[] = []
    for await (const group of this.#pages('/groups', oldGroup, IMAGES_A_PAGE)) groups.push(group)
    return groups.reverse()
  }

  /** Null: there is no such group, any more. */
  async group(groupId: string): Promise<OldGroup | null> {
    const path = `/groups/${encodeURIComponent(groupId)}`
    const answer = await this.#get(path)
    return answer.status === 404 ? null : parse(answer, { schema: oldGroup, path })
  }

  personsOf(groupId: string): AsyncGenerator<OldPerson> {
    return this.#pages(`/groups/${encodeURIComponent(groupId)}/persons`, oldPerson, PERSONS_A_PAGE)
  }

  /** The original cannot list persons who are in no group. */
  async listsPersons(): Promise<boolean> {
    return (await this.#get('/persons?page=1&size=1')).status === 200
  }

  persons(): AsyncGenerator<OldPerson> {
    return this.#pages('/persons', oldPerson, PERSONS_A_PAGE)
  }

  async groupIdsOf(personId: string): Promise<readonly string[]> {
    const ids: string[] = []
    const path = `/persons/${encodeURIComponent(personId)}/groups`
    for await (const group of this.#pages(path, oldGroup, IMAGES_A_PAGE)) ids.push(group.id)
    return ids
  }

  /** Oldest first; empty for a person who is gone. */
  async imagesOf(personId: string): Promise<readonly OldImage[]> {
    const images: OldImage[] = []
    for await (const image of this.#pages(imagesPath(personId), oldImage, IMAGES_A_PAGE)) images.push(image)
    return oldestFirst(images)
  }

  async picture(personId: string, imageId: string): Promise<Picture> {
    const { status, headers, bytes } = await this.#get(
      `${imagesPath(personId)}/${encodeURIComponent(imageId)}`,
    )
    if (status === 404) return { outcome: 'gone' }
    if (status !== 200) return { outcome: 'failed', reason: `the source answered ${status} for its bytes` }
    if (bytes.length === 0) return { outcome: 'failed', reason: 'the source answered no bytes' }
    return { outcome: 'read', bytes, contentType: headers.get('content-type') }
  }

  /** Nothing for a 404: what is listed was deleted meanwhile. */
  async *#pages<Item extends { readonly id: string }>(
    path: string,
    item: z.ZodType<Item>,
    size: number,
  ): AsyncGenerator<Item> {
    const schema = z.object({ items: z.array(item).nullish(), totalPages: count })
    let firstBefore: string | undefined
    for (let page = 1; ; page++) {
      const answer = await this.#get(`${path}?page=${page}&size=${size}`)
      if (answer.status === 404) return
      const { items, totalPages } = parse(answer, { schema, path })
      const first = items?.[0]?.id
      // The second: a server that knows no pages answers the same one for ever.
      if (items === undefined || items === null || first === undefined || first === firstBefore) return
      yield* items
      if (page >= totalPages) return
      firstBefore = first
    }
  }

  #get(path: string): Promise<WireAnswer> {
    return this.#client.call({ method: 'GET', path, isRepeatable: true })
  }
}

function imagesPath(personId: string): string {
  return `/persons/${encodeURIComponent(personId)}/images`
}

function parse<T>(answer: WireAnswer, wanted: { readonly schema: z.ZodType<T>; readonly path: string }): T {
  const call = `GET /api${wanted.path}`
  if (answer.status !== 200) throw new CommandFault(`the source answered ${answer.status}: ${call}`)
  const parsed = wanted.schema.safeParse(jsonOf(answer.bytes))
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new CommandFault(`the source's answer is not the contract's, at "${where}": ${call}`)
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return parseExactJson(bytes.toString('utf8'))
  } catch {
    return null
  }
}

/** Sorts by `createdAt` where every image has one; the original's ids, by which it lists, say nothing of age. */
function oldestFirst(newestFirst: readonly OldImage[]): readonly OldImage[] {
  const images = newestFirst.toReversed()
  const times = new Map(images.map(({ id, createdAt }) => [id, Date.parse(createdAt ?? '')]))
  if ([...times.values()].some(Number.isNaN)) return images
  return images.toSorted((one, other) => (times.get(one.id) ?? 0) - (times.get(other.id) ?? 0))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && exactNumberText(value) === null
}
