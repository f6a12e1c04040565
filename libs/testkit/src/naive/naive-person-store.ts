import {
  type Clock,
  comparedName,
  type EnrolledImage,
  type Group,
  type GroupId,
  type GroupState,
  type Image,
  type ImageId,
  type ImageState,
  isVisible,
  metadataTermOf,
  metadataTerms,
  type OverdueQuery,
  type PackId,
  type PageRequest,
  type Person,
  type PersonChanges,
  type PersonId,
  type PersonQuery,
  type PersonStore,
  pageOf,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import { NaiveTables } from './naive-tables.ts'

type Move<State> = { readonly from: readonly State[]; readonly to: State }
type After<Id> = { readonly after: Id | null; readonly limit: number }

/** The PersonStore contract in its plainest form, in memory: quick enough to stop a use case at each of its steps. */
export function createNaivePersonStore(clock: Clock, tables: NaiveTables = new NaiveTables()): PersonStore {
  return new NaivePersonStore(clock, tables)
}

class NaivePersonStore implements PersonStore {
  readonly #clock: Clock
  readonly #tables: NaiveTables
  #isClosed = false

  constructor(clock: Clock, tables: NaiveTables) {
    this.#clock = clock
    this.#tables = tables
  }

  insertPerson(person: Person, waiting?: Waiting) {
    return this.#answer(({ persons }, now) => persons.insert(person, now), waiting)
  }

  findPerson(id: PersonId, waiting?: Waiting) {
    return this.#answer(({ persons }) => persons.get(id) ?? null, waiting)
  }

  findPersons(ids: readonly PersonId[], waiting?: Waiting) {
    return this.#answer(({ persons }) => persons.select(({ id }) => ids.includes(id)), waiting)
  }

  updatePerson(target: { id: PersonId; rev: number }, changes: PersonChanges, waiting?: Waiting) {
    return this.#answer(({ persons }, now) => {
      const current = persons.get(target.id)
      if (current === undefined || current.rev !== target.rev) return null
      const changed: Person = { ...current, ...changes, rev: current.rev + 1 }
      const next = changed.state === 'gone' ? tombstoneOf(changed) : changed
      persons.put(next, now)
      return next
    }, waiting)
  }

  markPersonClean(target: { id: PersonId; rev: number }, waiting?: Waiting) {
    return this.#answer(({ persons }, now) => {
      const current = persons.get(target.id)
      if (current?.rev === target.rev) persons.put({ ...current, dirty: false }, now)
    }, waiting)
  }

  /** All its records can be read. */
  async markUnreadablePerson(_: unknown, waiting?: Waiting) {
    return this.#answer(() => false, waiting)
  }

  async markUnreadableImage(_: unknown, waiting?: Waiting) {
    return this.#answer(() => false, waiting)
  }

  listPersons(query: PersonQuery, request: PageRequest, waiting?: Waiting) {
    return this.#answer(
      ({ persons }) =>
        page(
          persons.select((person) => isVisible(person, query.nowMs) && answersTo(person, query)),
          request,
        ),
      waiting,
    )
  }

  insertImage(image: EnrolledImage, waiting?: Waiting) {
    const { packId, values } = image.descriptor
    const copy = { ...image, descriptor: { packId, values: values.slice() } }
    return this.#answer(({ images }, now) => images.insert(copy, now), waiting)
  }

  findImage(id: ImageId, waiting?: Waiting) {
    return this.#answer(({ images }) => images.get(id) ?? null, waiting)
  }

  findImages(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#answer(({ images }) => images.select(({ id }) => ids.includes(id)).map(withoutFace), waiting)
  }

  recordedImageIds(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#answer(({ images }) => ids.filter((id) => images.get(id) !== undefined), waiting)
  }

  moveImage(id: ImageId, move: Move<ImageState>, waiting?: Waiting) {
    return this.#answer(({ images }, now) => {
      const current = images.get(id)
      if (current === undefined || !move.from.includes(current.state)) return false
      const moved = { ...current, state: move.to }
      images.put(move.to === 'gone' || move.to === 'erased' ? stripped(moved) : moved, now)
      return true
    }, waiting)
  }

  listImages(personId: PersonId, request: PageRequest, waiting?: Waiting) {
    return this.#answer(({ images }) => {
      const ready = images.select((image) => image.personId === personId && image.state === 'ready')
      return page(ready.map(withoutFace), request)
    }, waiting)
  }

  listImageIds(personId: PersonId, waiting?: Waiting) {
    return this.#answer(({ images }) => {
      const dead: readonly ImageState[] = ['gone', 'erased']
      const left = images.select((image) => image.personId === personId && !dead.includes(image.state))
      return left.map(({ id }) => id)
    }, waiting)
  }

  scanEnrolled(query: After<ImageId>, waiting?: Waiting) {
    return this.#answer(({ images, persons }) => {
      const rows = images.select(({ id, state }) => id > (query.after ?? '') && state === 'ready')
      return rows
        .flatMap((image) => {
          const person = persons.get(image.personId)
          return person?.state === 'live' ? [{ image, person }] : []
        })
        .slice(0, query.limit)
    }, waiting)
  }

  insertGroup(group: Group, waiting?: Waiting) {
    return this.#answer(({ groups }, now) => groups.insert(group, now), waiting)
  }

  findGroup(id: GroupId, waiting?: Waiting) {
    return this.#answer(({ groups }) => groups.get(id) ?? null, waiting)
  }

  findGroups(ids: readonly GroupId[], waiting?: Waiting) {
    return this.#answer(({ groups }) => groups.select(({ id }) => ids.includes(id)), waiting)
  }

  updateGroup(id: GroupId, changes: Partial<Pick<Group, 'name' | 'metadata'>>, waiting?: Waiting) {
    return this.#answer(({ groups }, now) => {
      const current = groups.get(id)
      if (current?.state !== 'live') return false
      groups.put({ ...current, ...changes }, now)
      return true
    }, waiting)
  }

  moveGroup(id: GroupId, move: Move<GroupState>, waiting?: Waiting) {
    return this.#answer(({ groups }, now) => {
      const current = groups.get(id)
      if (current === undefined || !move.from.includes(current.state)) return false
      const moved = { ...current, state: move.to }
      groups.put(move.to === 'gone' ? { ...moved, name: '', metadata: '{}' } : moved, now)
      return true
    }, waiting)
  }

  listGroups(request: PageRequest, waiting?: Waiting) {
    return this.#answer(
      ({ groups }) =>
        page(
          groups.select(({ state }) => state === 'live'),
          request,
        ),
      waiting,
    )
  }

  listGroupMembers(query: After<PersonId> & { groupId: GroupId }, waiting?: Waiting) {
    return this.#answer(({ persons }) => {
      const isMember = ({ id, state, groups }: Person) =>
        id > (query.after ?? '') && state !== 'gone' && groups.includes(query.groupId)
      return persons
        .select(isMember)
        .map(({ id }) => id)
        .slice(0, query.limit)
    }, waiting)
  }

  readDefaultGroup(waiting?: Waiting) {
    return this.#answer(({ defaultGroup }) => defaultGroup, waiting)
  }

  setDefaultGroup(change: { expected: GroupId | null; next: GroupId }, waiting?: Waiting) {
    return this.#answer((tables) => {
      if (tables.defaultGroup !== change.expected) return false
      tables.defaultGroup = change.next
      return true
    }, waiting)
  }

  claimPack(packId: PackId, waiting?: Waiting) {
    return this.#answer((tables) => {
      tables.pack ??= packId
      return tables.pack
    }, waiting)
  }

  listOverdue(query: OverdueQuery, waiting?: Waiting) {
    const { skip, limit, id: only } = query
    return this.#answer(
      (tables, now) =>
        tables
          .overdue(query, now)
          .filter(({ id }) => only === undefined || id === only)
          .slice(skip, skip + limit)
          .map(({ id }) => id),
      waiting,
    )
  }

  countOverdue(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, waiting?: Waiting) {
    return this.#answer((tables, now) => {
      const overdue = tables.overdue(query, now)
      return { count: overdue.length, oldestMs: Math.max(0, now - (overdue[0]?.since ?? now)) }
    }, waiting)
  }

  countEnrolled(waiting?: Waiting) {
    return this.#answer(({ persons, images }) => {
      const ready = images.select(({ state }) => state === 'ready')
      const pictureBytes = ready.reduce((sum, { bytes }) => sum + bytes, 0)
      const live = persons.select(({ state }) => state === 'live')
      return { persons: live.length, images: ready.length, pictureBytes }
    }, waiting)
  }

  forget(kind: 'person' | 'image' | 'group', id: string, waiting?: Waiting) {
    return this.#answer((tables) => {
      const table = { person: tables.persons, image: tables.images, group: tables.groups }[kind]
      const { state } = table.get(id as never) ?? {}
      if (state === 'gone' || state === 'erased') table.delete(id as never)
    }, waiting)
  }

  check(waiting?: Waiting) {
    return this.#answer(() => undefined, waiting)
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  async #answer<T>(
    operation: (tables: NaiveTables, nowMs: number) => T,
    waiting: Waiting | undefined,
  ): Promise<T> {
    waiting?.signal?.throwIfAborted()
    if (this.#isClosed) throw storeUnavailable(new Error('the store is closed'))
    const value = operation(this.#tables, this.#clock.now())
    await Promise.resolve()
    waiting?.signal?.throwIfAborted()
    return value
  }
}

function answersTo(person: Person, { groupId, name, externalId, metadata = [] }: PersonQuery): boolean {
  if (groupId !== undefined && !person.groups.includes(groupId)) return false
  if (name !== undefined && comparedName(person.name) !== comparedName(name)) return false
  if (externalId !== undefined && person.externalId !== externalId) return false
  const terms = metadata.length === 0 ? [] : metadataTerms(person.metadata)
  return metadata.every((filter) => terms.includes(metadataTermOf(filter)))
}

function page<Row extends { readonly id: string }>(rows: readonly Row[], request: PageRequest) {
  const { cursor } = request
  const increasing = cursor === undefined ? rows : rows.filter(({ id }) => id < cursor)
  const items = increasing.toReversed().slice((request.page - 1) * request.size, request.page * request.size)
  return pageOf(items, increasing.length, request)
}

function withoutFace({ descriptor: _, ...image }: EnrolledImage): Image {
  return image
}

function tombstoneOf(person: Person): Person {
  return { ...person, name: '', externalId: null, metadata: '{}', groups: [], expireAt: null, dirty: false }
}

function stripped(image: EnrolledImage): EnrolledImage {
  const descriptor = { packId: image.descriptor.packId, values: new Float32Array() }
  return { ...image, contentType: '', bytes: 0, sha256: '', descriptor }
}
