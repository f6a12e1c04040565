import type { GalleryPorts } from '../gallery-ports.ts'
import type { Group } from '../groups/group.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import type { EnrolledImage, Image } from '../images/image.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { matchingPersons } from '../persons/matching-persons.ts'
import { listImagesOf } from '../persons/merged-persons.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { PersonFilter } from '../persons/read-persons.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'

/** Groups of 64 KB of metadata each, and images, that are read at once. */
const PAGE = 100

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

/** Whose records are wanted: one person's, those of several, or those of all to whom a filter applies. */
export type ExportScope =
  | { readonly of: 'person'; readonly personId: PersonId }
  /** Whoever of them is not there is left out. */
  | { readonly of: 'persons'; readonly personIds: readonly PersonId[] }
  | { readonly of: 'filter'; readonly filter: PersonFilter }

export type ExportItem =
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'person'; readonly person: Person }
  /** With its descriptor, if descriptors are asked for; its quality and damage are then by the pack of the descriptor. */
  | { readonly kind: 'image'; readonly image: Image | EnrolledImage }

/** What the scope names and is not there to be seen; null if all is. */
export async function missingOfScope(
  reader: Reader,
  scope: ExportScope,
  waiting?: Waiting,
): Promise<'person' | 'group' | null> {
  if (scope.of === 'person')
    return (await findVisiblePerson(reader, scope.personId, waiting)) === null ? 'person' : null
  const groupId = scope.of === 'filter' ? scope.filter.groupId : undefined
  if (groupId === undefined) return null
  return (await reader.records.groups.find(groupId, waiting))?.state === 'live' ? null : 'group'
}

/**
 * Groups and persons, each person before their images, and each group before the first person who is in it: all groups at
 * first if everybody is wanted, else only those that are needed. It is no picture of one moment: each record is as it was
 * when it was read, so whoever is deleted or expires before that is left out. Holds a few megabytes, whatever the size; so a
 * group may come again where there are very many.
 */
export async function* exportGallery(
  reader: Reader,
  wanted: { readonly scope: ExportScope; readonly withDescriptors: boolean },
  waiting: Waiting = {},
): AsyncGenerator<ExportItem> {
  const { scope, withDescriptors } = wanted
  const groups = new ToldGroups(reader, waiting)
  const ofAll = isEverybody(scope)
  if (ofAll) yield* groups.all()
  if (scope.of === 'filter' && scope.filter.groupId !== undefined) yield* groups.among([scope.filter.groupId])
  for await (const person of personsOf(reader, scope, waiting)) {
    if (!ofAll) yield* groups.among(person.groups)
    yield { kind: 'person', person }
    for await (const image of imagesOf(reader, person.id, waiting)) {
      const whole = withDescriptors ? await findWhole(reader, image.id, waiting) : image
      if (whole?.state === 'ready') yield { kind: 'image', image: { ...whole, personId: person.id } }
    }
  }
}

/** With descriptor, quality and damage that searches compare, if there are some; else with those that it was enrolled with. */
async function findWhole(
  { records }: Reader,
  imageId: ImageId,
  waiting: Waiting,
): Promise<EnrolledImage | null> {
  const image = await records.images.find(imageId, waiting)
  const packs = await records.settings.readPacks(waiting)
  if (image === null || packs === null || image.descriptor.packId === packs.serving) return image
  const served = await records.descriptors.find({ imageId, packId: packs.serving }, waiting)
  if (served === null) return image
  const [{ quality, damage } = image] = await records.images.findJudged(
    { ids: [imageId], packId: packs.serving },
    waiting,
  )
  return { ...image, descriptor: served, quality, damage: damage ?? null }
}

/** Two megabytes of ids. */
const MOST_TOLD = 20_000

/** Remembers which groups are in the export already. */
class ToldGroups {
  readonly #reader: Reader
  readonly #waiting: Waiting
  readonly #told = new Set<GroupId>()

  constructor(reader: Reader, waiting: Waiting) {
    this.#reader = reader
    this.#waiting = waiting
  }

  async *all(): AsyncGenerator<ExportItem> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const request = { page: 1, size: PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const page = await this.#reader.records.groups.list(request, this.#waiting)
      for (const group of page.items) yield { kind: 'group', group }
      cursor = page.nextCursor
    }
  }

  async *among(ids: readonly GroupId[]): AsyncGenerator<ExportItem> {
    const fresh = ids.filter((id) => !this.#told.has(id))
    const find = (some: readonly GroupId[]) => this.#reader.records.groups.findMany(some, this.#waiting)
    for await (const found of inPortions(fresh, find)) {
      for (const group of found) if (group.state === 'live') yield { kind: 'group', group }
    }
    if (this.#told.size + fresh.length > MOST_TOLD) this.#told.clear()
    for (const id of fresh) this.#told.add(id)
  }
}

function isEverybody(scope: ExportScope): boolean {
  if (scope.of !== 'filter') return false
  const { metadata = [], ...named } = scope.filter
  return metadata.length === 0 && Object.keys(named).length === 0
}

/** By increasing id. */
async function* personsOf(reader: Reader, scope: ExportScope, waiting: Waiting): AsyncGenerator<Person> {
  const { persons } = reader.records
  for await (const some of idsOf(reader, scope, waiting)) {
    for await (const found of inPortions(some, (portion: readonly PersonId[]) =>
      persons.findMany(portion, waiting),
    )) {
      const nowMs = reader.clock.now()
      const visible = found.filter((person) => isVisible(person, nowMs))
      const shown = await withLiveGroups(reader, visible, waiting)
      yield* stillVisible(
        reader,
        shown.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      )
    }
  }
}

function idsOf(reader: Reader, scope: ExportScope, waiting: Waiting) {
  switch (scope.of) {
    case 'person':
      return [[scope.personId]]
    case 'persons':
      return [[...new Set(scope.personIds)].toSorted()]
    case 'filter':
      return matchingPersons(reader, { filter: scope.filter }, waiting)
  }
}

/** The images of those before may have taken the caller a while. */
function* stillVisible(reader: Reader, persons: readonly Person[]): Generator<Person> {
  for (const person of persons) if (isVisible(person, reader.clock.now())) yield person
}

/** None any more once the person is deleted. */
async function* imagesOf(reader: Reader, id: PersonId, waiting: Waiting): AsyncGenerator<Image> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const request = { page: 1, size: PAGE, ...(cursor === undefined ? {} : { cursor }) }
    const page = await listImagesOf(reader.records, { personId: id, request }, waiting)
    if (page.items.length > 0 && (await findVisiblePerson(reader, id, waiting)) === null) return
    yield* page.items
    cursor = page.nextCursor
  }
}
