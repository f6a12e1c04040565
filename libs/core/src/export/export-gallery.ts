import type { GalleryPorts } from '../gallery-ports.ts'
import type { Group } from '../groups/group.ts'
import { findLiveGroups, withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { EnrolledImage, Image } from '../images/image.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'

/** Ids that are read at once. */
const IDS = 1_000
/** Groups of 64 KB of metadata each, and images, that are read at once. */
const PAGE = 100

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

/** Whose records are wanted: everybody's, those of a group, or one person's. */
export type ExportScope =
  | { readonly of: 'all' }
  | { readonly of: 'group'; readonly groupId: GroupId }
  | { readonly of: 'person'; readonly personId: PersonId }

export type ExportItem =
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'person'; readonly person: Person }
  /** With its descriptor, if descriptors are asked for. */
  | { readonly kind: 'image'; readonly image: Image | EnrolledImage }

/** Whether what the scope names is there to be seen. */
export async function isScopeThere(reader: Reader, scope: ExportScope, waiting?: Waiting): Promise<boolean> {
  if (scope.of === 'all') return true
  if (scope.of === 'person') return (await findVisiblePerson(reader, scope.personId, waiting)) !== null
  return (await reader.records.groups.find(scope.groupId, waiting))?.state === 'live'
}

/**
 * Groups, then persons by increasing id, each before its images. It is no picture of one moment: each record is as it was
 * when it was read, so whoever is deleted or expires before that is left out. Holds a few megabytes, whatever the size.
 */
export async function* exportGallery(
  reader: Reader,
  wanted: { readonly scope: ExportScope; readonly withDescriptors: boolean },
  waiting: Waiting = {},
): AsyncGenerator<ExportItem> {
  for await (const group of groupsOf(reader, wanted.scope, waiting)) yield { kind: 'group', group }
  for await (const person of personsOf(reader, wanted.scope, waiting)) {
    yield { kind: 'person', person }
    for await (const image of imagesOf(reader, person.id, waiting)) {
      const whole = wanted.withDescriptors ? await reader.records.images.find(image.id, waiting) : image
      if (whole?.state === 'ready') yield { kind: 'image', image: whole }
    }
  }
}

async function* groupsOf(reader: Reader, scope: ExportScope, waiting: Waiting): AsyncGenerator<Group> {
  const { groups } = reader.records
  if (scope.of === 'all') {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const request = { page: 1, size: PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const page = await groups.list(request, waiting)
      yield* page.items
      cursor = page.nextCursor
    }
    return
  }
  const ids = scope.of === 'group' ? [scope.groupId] : await groupIdsOf(reader, scope.personId, waiting)
  for await (const found of inPortions(ids, (some: readonly GroupId[]) => groups.findMany(some, waiting)))
    yield* found.filter(({ state }) => state === 'live')
}

async function groupIdsOf(reader: Reader, id: PersonId, waiting: Waiting): Promise<readonly GroupId[]> {
  const person = await findVisiblePerson(reader, id, waiting)
  return [...(await findLiveGroups(reader, person?.groups ?? [], waiting))]
}

async function* personsOf(reader: Reader, scope: ExportScope, waiting: Waiting): AsyncGenerator<Person> {
  const { persons } = reader.records
  for await (const ids of personIdsOf(reader, scope, waiting)) {
    for await (const found of inPortions(ids, (some: readonly PersonId[]) =>
      persons.findMany(some, waiting),
    )) {
      const nowMs = reader.clock.now()
      const visible = found.filter((person) => isVisible(person, nowMs))
      const shown = await withLiveGroups(reader, visible, waiting)
      for (const person of shown.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
        // Its images may have taken the caller a while.
        if (isVisible(person, reader.clock.now())) yield person
      }
    }
  }
}

async function* personIdsOf(
  { records, clock }: Reader,
  scope: ExportScope,
  waiting: Waiting,
): AsyncGenerator<readonly PersonId[]> {
  if (scope.of === 'person') {
    yield [scope.personId]
    return
  }
  for (let after: PersonId | null = null; ; ) {
    const query: { readonly after: PersonId | null; readonly limit: number } = { after, limit: IDS }
    const ids: readonly PersonId[] =
      scope.of === 'group'
        ? await records.groups.listMembers({ ...query, groupId: scope.groupId }, waiting)
        : await records.persons.listIds({ ...query, nowMs: clock.now() }, waiting)
    yield ids
    if (ids.length < IDS) return
    after = ids.at(-1) ?? after
  }
}

async function* imagesOf({ records }: Reader, id: PersonId, waiting: Waiting): AsyncGenerator<Image> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const request = { page: 1, size: PAGE, ...(cursor === undefined ? {} : { cursor }) }
    const page = await records.images.list(id, request, waiting)
    yield* page.items
    cursor = page.nextCursor
  }
}
