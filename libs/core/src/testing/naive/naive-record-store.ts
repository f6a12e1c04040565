import { storeUnavailable } from '../../errors.ts'
import type { Group } from '../../groups/group.ts'
import type { GroupId, ImageId, PackId, PersonId } from '../../ids.ts'
import type { EnrolledImage, Image } from '../../images/image.ts'
import type { GalleryPacks } from '../../packs/gallery-packs.ts'
import { type Page, type PageRequest, pageOf } from '../../page.ts'
import { comparedName } from '../../persons/compared-name.ts'
import { metadataTermOf, metadataTerms } from '../../persons/metadata-terms.ts'
import { isVisible, type Person, type PersonChanges } from '../../persons/person.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DescriptorRecords } from '../../ports/descriptor-records.ts'
import type { FeedbackRecords } from '../../ports/feedback-records.ts'
import type { GroupChanges, GroupMove, GroupRecords } from '../../ports/group-records.ts'
import type { ImageMove, ImageRecords } from '../../ports/image-records.ts'
import type { OverdueQuery, OverdueRecords, TombstoneName } from '../../ports/overdue-records.ts'
import type {
  PersonAtRev,
  PersonQuery,
  PersonRecords,
  SortedPersonQuery,
  TimeRange,
} from '../../ports/person-records.ts'
import type { RecordStore } from '../../ports/record-store.ts'
import type { SettingRecords } from '../../ports/setting-records.ts'
import type { Listing, Waiting } from '../../ports/waiting.ts'
import {
  GROUP_TOMBSTONE,
  IMAGE_TOMBSTONE,
  isImageTombstone,
  PERSON_TOMBSTONE,
} from '../../records/tombstones.ts'
import { descriptorsIn } from './naive-descriptor-records.ts'
import { feedbackIn } from './naive-feedback-records.ts'
import { judgedBy, NaiveTables, ownerIn } from './naive-tables.ts'
import { sortedPlaces } from './sorted-places.ts'

type After<Id> = { readonly after: Id | null; readonly limit: number }

/** A port at once: the wait of its caller and the promise around its answer are `answeringLater`'s. */
export type AtOnce<Port> = {
  readonly [Method in keyof Port]: Port[Method] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never
}

/** The RecordStore contract in its plainest form, in memory: quick enough to stop a use case at each of its steps. */
export function createNaiveRecordStore(clock: Clock, tables: NaiveTables = new NaiveTables()): RecordStore {
  const now = () => clock.now()
  let isClosed = false
  const requireOpen = () => {
    if (isClosed) throw storeUnavailable(new Error('the store is closed'))
  }
  const whole = answeringLater<Pick<RecordStore, 'countEnrolled' | 'check'>>(
    { countEnrolled: () => countEnrolled(tables), check: () => {} },
    requireOpen,
  )
  return {
    persons: answeringLater<PersonRecords>(personsIn(tables, now), requireOpen),
    images: answeringLater<ImageRecords>(imagesIn(tables, now), requireOpen),
    descriptors: answeringLater<DescriptorRecords>(descriptorsIn(tables), requireOpen),
    groups: answeringLater<GroupRecords>(groupsIn(tables, now), requireOpen),
    feedback: answeringLater<FeedbackRecords>(feedbackIn(tables, now), requireOpen),
    settings: answeringLater<SettingRecords>(settingsIn(tables), requireOpen),
    overdue: answeringLater<OverdueRecords>(overdueIn(tables, now), requireOpen),
    ...whole,
    close: async () => {
      isClosed = true
    },
  }
}

/** Each call carried out when it is made, and answered a turn later; aborted as the signal of its wait says. */
function answeringLater<Port>(atOnce: AtOnce<Port>, requireOpen: () => void): Port {
  const later = Object.entries<(...args: readonly unknown[]) => unknown>(atOnce as never).map(
    ([name, run]) => {
      const call = async (...args: readonly unknown[]) => {
        // Only a wait has a signal, and it comes last.
        const { signal } = (args.at(-1) ?? {}) as Waiting
        signal?.throwIfAborted()
        requireOpen()
        const value = run(...args)
        await Promise.resolve()
        signal?.throwIfAborted()
        return value
      }
      return [name, call] as const
    },
  )
  return Object.fromEntries(later) as Port
}

function personsIn({ persons }: NaiveTables, now: () => number): AtOnce<PersonRecords> {
  return {
    insert: (person: Person) => persons.insert(person, now()),
    find: (id: PersonId) => persons.get(id) ?? null,
    findMany: (ids: readonly PersonId[]) => persons.select(({ id }) => ids.includes(id)),
    update: (target: PersonAtRev, changes: PersonChanges) => {
      const current = persons.get(target.id)
      if (current === undefined || current.rev !== target.rev) return null
      const changed: Person = { ...current, ...changes, rev: current.rev + 1 }
      const next = changed.state === 'gone' ? { ...changed, ...PERSON_TOMBSTONE } : changed
      persons.put(next, now())
      return next
    },
    markClean: (target: PersonAtRev) => {
      const current = persons.get(target.id)
      if (current?.rev === target.rev) persons.put({ ...current, dirty: false }, now())
    },
    // All its records can be read.
    markUnreadable: () => false,
    listMerged: (into: readonly PersonId[]) =>
      persons
        .select(() => true)
        .flatMap(({ id, state, mergedInto = null }) =>
          (state === 'live' || state === 'merging' || state === 'merged') &&
          mergedInto !== null &&
          into.includes(mergedInto)
            ? [{ id, mergedInto, state }]
            : [],
        ),
    listIds: (query: After<PersonId> & PersonQuery) =>
      persons
        .select((person) => isVisible(person, query.nowMs) && answersTo(person, query))
        .map(({ id }) => id)
        .filter((id) => id > (query.after ?? ''))
        .slice(0, query.limit),
    list: (query: PersonQuery, request: PageRequest, listing?: Listing) => {
      const wanted = persons.select((person) => isVisible(person, query.nowMs) && answersTo(person, query))
      return told(page(wanted, request), listing)
    },
    listSorted: (query: SortedPersonQuery) =>
      sortedPlaces(
        persons.select((person) => isVisible(person, query.nowMs) && answersTo(person, query)),
        query,
      ),
  }
}

function imagesIn({ images, persons, notes }: NaiveTables, now: () => number): AtOnce<ImageRecords> {
  const isReady = ({ state }: Image) => state === 'ready'
  return {
    insert: (image: EnrolledImage) => {
      const { packId, values } = image.descriptor
      return images.insert({ ...image, descriptor: { packId, values: values.slice() } }, now())
    },
    find: (id: ImageId) => images.get(id) ?? null,
    findMany: (ids: readonly ImageId[]) => images.select(({ id }) => ids.includes(id)).map(withoutFace),
    findJudged: ({ ids, packId }: { readonly ids: readonly ImageId[]; readonly packId: PackId }) =>
      images
        .select(({ id }) => ids.includes(id))
        .map((image) => withoutFace(judgedBy(notes.get(packId)?.get(image.id), image))),
    recordedIds: (ids: readonly ImageId[]) => ids.filter((id) => images.get(id) !== undefined),
    ownersAmong: (ids: readonly PersonId[]) =>
      ids.filter((id) => images.select((image) => image.personId === id && isReady(image)).length > 0),
    countOf: (ids: readonly PersonId[]) =>
      images.select((image) => ids.includes(image.personId) && isReady(image)).length,
    move: (id: ImageId, move: ImageMove) => {
      const current = images.get(id)
      if (current === undefined || !move.from.includes(current.state)) return false
      const moved = { ...current, state: move.to }
      images.put(isImageTombstone(move.to) ? stripped(moved) : moved, now())
      if (isImageTombstone(move.to)) for (const ofPack of notes.values()) ofPack.delete(id)
      return true
    },
    markUnreadable: () => false,
    list: (personIds: readonly PersonId[], request: PageRequest) => {
      const ready = images.select((image) => personIds.includes(image.personId) && isReady(image))
      return page(ready.map(withoutFace), request)
    },
    listIds: (personId: PersonId) =>
      images
        .select((image) => image.personId === personId && !isImageTombstone(image.state))
        .map(({ id }) => id),
    scanEnrolled: (query: After<ImageId>) => {
      const rows = images.select((image) => image.id > (query.after ?? '') && isReady(image))
      return rows
        .flatMap((image) => {
          const person = ownerIn(persons, image.personId)
          return person?.state === 'live' ? [{ image, person }] : []
        })
        .slice(0, query.limit)
    },
  }
}

function groupsIn({ groups, persons }: NaiveTables, now: () => number): AtOnce<GroupRecords> {
  return {
    insert: (group: Group) => groups.insert(group, now()),
    find: (id: GroupId) => groups.get(id) ?? null,
    findMany: (ids: readonly GroupId[]) => groups.select(({ id }) => ids.includes(id)),
    update: (id: GroupId, changes: GroupChanges) => {
      const current = groups.get(id)
      if (current?.state !== 'live') return false
      groups.put({ ...current, ...changes }, now())
      return true
    },
    move: (id: GroupId, move: GroupMove) => {
      const current = groups.get(id)
      if (current === undefined || !move.from.includes(current.state)) return false
      const moved = { ...current, state: move.to }
      groups.put(move.to === 'gone' ? { ...moved, ...GROUP_TOMBSTONE } : moved, now())
      return true
    },
    list: (request: PageRequest, listing?: Listing) => {
      const live = groups.select(({ state }) => state === 'live')
      return told(page(live, request), listing)
    },
    listMembers: (query: After<PersonId> & { readonly groupId: GroupId }) =>
      persons
        .select(
          ({ id, state, groups: of }) =>
            id > (query.after ?? '') && state !== 'gone' && of.includes(query.groupId),
        )
        .map(({ id }) => id)
        .slice(0, query.limit),
    countMembers: (query: { readonly groupId: GroupId; readonly nowMs: number }) =>
      persons.select((person) => isVisible(person, query.nowMs) && person.groups.includes(query.groupId))
        .length,
  }
}

function settingsIn(tables: NaiveTables): AtOnce<SettingRecords> {
  return {
    readDefaultGroup: () => tables.defaultGroup,
    setDefaultGroup: (change: { readonly expected: GroupId | null; readonly next: GroupId }) => {
      if (tables.defaultGroup !== change.expected) return false
      tables.defaultGroup = change.next
      return true
    },
    readPack: () => tables.packs?.serving ?? null,
    claimPack: (packId: PackId) => {
      tables.packs ??= { serving: packId, other: null, rev: 0 }
      return tables.packs.serving
    },
    readPacks: () => tables.packs,
    changePacks: (next: GalleryPacks) => {
      if (tables.packs?.rev !== next.rev - 1) return false
      tables.packs = next
      return true
    },
    claimCursorKey: (key: string) => {
      tables.cursorKey ??= key
      return tables.cursorKey
    },
  }
}

function overdueIn(tables: NaiveTables, now: () => number): AtOnce<OverdueRecords> {
  return {
    list: (query: OverdueQuery) => {
      const { skip, limit, id: only } = query
      const ids = tables.overdue(query, now()).map(({ id }) => id)
      return ids.filter((id) => only === undefined || id === only).slice(skip, skip + limit)
    },
    count: (query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>) => {
      const nowMs = now()
      const overdue = tables.overdue(query, nowMs)
      return { count: overdue.length, oldestMs: Math.max(0, nowMs - (overdue[0]?.since ?? nowMs)) }
    },
    forget: ({ kind, id }: TombstoneName) => {
      const table = { person: tables.persons, image: tables.images, group: tables.groups }[kind]
      const { state } = table.get(id as never) ?? {}
      if (state === 'gone' || state === 'erased') table.delete(id as never)
    },
  }
}

function countEnrolled({ persons, images, groups }: NaiveTables) {
  const ready = images.select(({ state }) => state === 'ready')
  const pictureBytes = ready.reduce((sum, { bytes }) => sum + bytes, 0)
  const live = persons.select(({ state }) => state === 'live')
  const liveGroups = groups.select(({ state }) => state === 'live')
  return { persons: live.length, groups: liveGroups.length, images: ready.length, pictureBytes }
}

function answersTo(person: Person, query: PersonQuery): boolean {
  const { groupId, name, namePrefix = '', created, updated, externalId, metadata = [] } = query
  if (!comparedName(person.name).startsWith(comparedName(namePrefix))) return false
  if (!isWithin(person.createdAt, created) || !isWithin(person.updatedAt, updated)) return false
  if (groupId !== undefined && !person.groups.includes(groupId)) return false
  if (name !== undefined && comparedName(person.name) !== comparedName(name)) return false
  if (externalId !== undefined && person.externalId !== externalId) return false
  const terms = metadata.length === 0 ? [] : metadataTerms(person.metadata)
  return metadata.every((filter) => terms.includes(metadataTermOf(filter)))
}

function isWithin(ms: number, range: TimeRange | undefined): boolean {
  return range === undefined || (ms >= range.fromMs && ms < range.toMs)
}

function page<Row extends { readonly id: string }>(rows: readonly Row[], request: PageRequest) {
  const { cursor } = request
  const increasing = cursor === undefined ? rows : rows.filter(({ id }) => id < cursor)
  const items = increasing.toReversed().slice((request.page - 1) * request.size, request.page * request.size)
  return pageOf(items, increasing.length, request)
}

/** Tells of the bytes record by record, as if each were a portion of its own. */
function told<Item extends { readonly metadata: string }>(page: Page<Item>, listing?: Listing): Page<Item> {
  let bytes = 0
  for (const { metadata } of page.items) {
    bytes += metadata.length
    listing?.onBytes?.(bytes)
  }
  return page
}

function withoutFace({ descriptor: _, ...image }: EnrolledImage): Image {
  return image
}

function stripped(image: EnrolledImage): EnrolledImage {
  const descriptor = { packId: image.descriptor.packId, values: new Float32Array() }
  return { ...image, ...IMAGE_TOMBSTONE, descriptor }
}
