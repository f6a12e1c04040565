import type { GroupId, Person, PersonId, PersonQuery, RecordStore } from '@semblance/core'
import { aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

const NOW = 1_800_000_000_000

const GROUP = newTestId<GroupId>()
const LONG = JSON.stringify({ text: 'x'.repeat(60_000) })

export function describePersonLists(open: OpenRecordStore): void {
  describe('lists of persons', () => {
    const use = useStore(open)

    it('go by decreasing id, a page at a time, with the number of pages', async () => {
      const persons = await insertMany(
        use.store,
        [1, 2, 3, 4, 5].map(() => aPerson()),
      )
      const newestFirst = persons.map(({ id }) => id).toReversed()
      const [first, last] = [await pageOfIds(use.store, 1, 2), await pageOfIds(use.store, 3, 2)]
      expect(first).toEqual({
        ids: newestFirst.slice(0, 2),
        page: 1,
        totalPages: 3,
        nextCursor: newestFirst[1],
      })
      expect(last).toEqual({ ids: newestFirst.slice(4), page: 3, totalPages: 3, nextCursor: null })
    })

    it('are empty past the end and in an empty store', async () => {
      expect(await pageOfIds(use.store, 1, 10)).toEqual({ ids: [], page: 1, totalPages: 0, nextCursor: null })
      await insertMany(use.store, [aPerson()])
      expect(await pageOfIds(use.store, 4, 10)).toEqual({ ids: [], page: 4, totalPages: 1, nextCursor: null })
    })

    it('hold only live persons that have not expired; the moment of expiry itself is too late', async () => {
      const [live, later] = await insertMany(use.store, [
        aPerson(),
        aPerson({ expireAt: NOW + 1 }),
        aPerson({ expireAt: NOW }),
        aPerson({ expireAt: NOW - 1 }),
        aPerson({ state: 'pending' }),
        aPerson({ state: 'deleting' }),
      ])
      const gone = aPerson()
      await insertMany(use.store, [gone])
      await use.store.persons.update(gone, { state: 'gone' })
      expect(await pageOfIds(use.store, 1, 10)).toEqual({
        ids: [later?.id, live?.id],
        page: 1,
        totalPages: 1,
        nextCursor: null,
      })
    })

    it('of ids alone go by increasing id, after a given one, and hold only whom readers see', async () => {
      const [first, second, third] = await insertMany(use.store, [
        aPerson(),
        aPerson({ expireAt: NOW + 1 }),
        aPerson(),
        aPerson({ expireAt: NOW }),
        aPerson({ state: 'pending' }),
        aPerson({ state: 'deleting' }),
      ])
      const ids = (after: PersonId | null, limit: number) =>
        use.store.persons.listIds({ after, limit, nowMs: NOW })
      expect(await ids(null, 9)).toEqual([first?.id, second?.id, third?.id])
      expect(await ids(null, 2)).toEqual([first?.id, second?.id])
      expect(await ids(second!.id, 2)).toEqual([third?.id])
      expect(await ids(third!.id, 2)).toEqual([])
    })

    it.each<[string, Omit<PersonQuery, 'nowMs'>]>([
      ['all', {}],
      ['a group', { groupId: GROUP }],
      ['a name', { name: 'Ada' }],
      ['an external id', { externalId: 'e' }],
      ['a value of metadata', { metadata: [{ path: ['a'], value: '1' }] }],
      ['a group and a name', { groupId: GROUP, name: 'Ada' }],
    ])('of %s go on after a cursor, and skip nobody while persons are deleted and made', async (_what, query) => {
      const fields = { name: 'Ada', externalId: 'e', groups: [GROUP], metadata: '{"a":1}' }
      const persons = await insertMany(
        use.store,
        [1, 2, 3, 4, 5, 6].map(() => aPerson(fields)),
      )
      const [sixth, fifth, ...rest] = persons.toReversed()
      const list = (cursor?: string) =>
        use.store.persons.list(
          { ...query, nowMs: NOW },
          { page: 1, size: 2, ...(cursor === undefined ? {} : { cursor }) },
        )
      const first = await list()
      expect(first).toMatchObject({ items: [sixth, fifth], totalPages: 3, nextCursor: fifth?.id })
      // The cursor's own person among them.
      for (const gone of [sixth, fifth]) await use.store.persons.update(gone!, { state: 'gone' })
      await insertMany(use.store, [aPerson(fields), aPerson()])
      const second = await list(first.nextCursor!)
      expect(second).toMatchObject({ items: rest.slice(0, 2), totalPages: 2, nextCursor: rest[1]?.id })
      const last = await list(second.nextCursor!)
      expect(last).toMatchObject({ items: rest.slice(2), totalPages: 1, nextCursor: null })
      expect((await list(rest[3]!.id)).items).toEqual([])
    })

    it('count pages from the cursor on', async () => {
      const persons = await insertMany(
        use.store,
        [1, 2, 3, 4, 5].map(() => aPerson()),
      )
      const cursor = persons[4]!.id
      const { items, ...page } = await use.store.persons.list({ nowMs: NOW }, { page: 2, size: 2, cursor })
      expect(items).toEqual([persons[1], persons[0]])
      expect(page).toEqual({ page: 2, totalPages: 2, nextCursor: null })
    })

    it('hold whole records', async () => {
      const person = aPerson({ groups: [newTestId<GroupId>()], metadata: '{"a":[1]}' })
      await insertMany(use.store, [person])
      const { items } = await use.store.persons.list({ nowMs: NOW }, { page: 1, size: 1000 })
      expect(items).toEqual([person])
    })

    it('of long records are whole, and tell of their bytes portion by portion', async () => {
      const persons = await insertLong(use.store)
      for (const query of [{}, { groupId: GROUP }]) {
        const told: number[] = []
        const onBytes = (bytes: number) => told.push(bytes)
        const list = use.store.persons.list({ ...query, nowMs: NOW }, { page: 1, size: 1000 }, { onBytes })
        expect(await list).toEqual({ items: persons.toReversed(), page: 1, totalPages: 1, nextCursor: null })
        expect(told.length).toBeGreaterThan(2)
        expect(told).toEqual(told.toSorted((a, b) => a - b))
        expect(told.at(-1)).toBeGreaterThanOrEqual(40 * LONG.length)
        expect(told.at(-1)).toBeLessThan(42 * LONG.length)
      }
    })

    it('end where the caller has no room for more', async () => {
      await insertLong(use.store)
      const noRoom = new Error('no room')
      let told = 0
      const onBytes = (bytes: number) => {
        told = bytes
        if (bytes > 500_000) throw noRoom
      }
      const list = use.store.persons.list({ nowMs: NOW }, { page: 1, size: 1000 }, { onBytes })
      await expect(list).rejects.toBe(noRoom)
      expect(told).toBeLessThan(2_000_000)
    })

    it('leave nobody out, and show nobody who is gone, while persons are deleted', async () => {
      const persons = await insertLong(use.store)
      const deleted = persons.filter((_, place) => place % 3 === 0)
      const deletions: Promise<unknown>[] = []
      const onBytes = () => {
        for (const person of deleted.splice(0))
          deletions.push(use.store.persons.update(person, { state: 'gone' }))
      }
      const { items } = await use.store.persons.list({ nowMs: NOW }, { page: 1, size: 25 }, { onBytes })
      await Promise.all(deletions)
      expect(deletions.length).toBe(14)
      const stayed = persons.filter((_, place) => place % 3 !== 0 && place >= 15).toReversed()
      expect(items).toEqual(expect.arrayContaining([...stayed]))
      expect(new Set(items.map(({ metadata }) => metadata))).toEqual(new Set([LONG]))
    })

    it('follow a change of state and of expiry', async () => {
      const person = aPerson({ state: 'pending' })
      await insertMany(use.store, [person])
      const live = await use.store.persons.update(person, { state: 'live' })
      expect((await pageOfIds(use.store, 1, 10)).ids).toEqual([person.id])
      await use.store.persons.update(live!, { expireAt: NOW - 1 })
      expect((await pageOfIds(use.store, 1, 10)).ids).toEqual([])
    })
  })

  describe('lists of the persons of a group', () => {
    const use = useStore(open)
    const [group, other] = [newTestId<GroupId>(), newTestId<GroupId>()]

    it('hold its visible members only, by decreasing id, with their own number of pages', async () => {
      const [first, second, third] = await insertMany(use.store, [
        aPerson({ groups: [group] }),
        aPerson({ groups: [other, group] }),
        aPerson({ groups: [group] }),
        aPerson({ groups: [other] }),
        aPerson({ groups: [group], state: 'deleting' }),
        aPerson({ groups: [group], expireAt: NOW }),
      ])
      expect(await pageOfIds(use.store, 1, 2, group)).toEqual({
        ids: [third?.id, second?.id],
        page: 1,
        totalPages: 2,
        nextCursor: second?.id,
      })
      expect((await pageOfIds(use.store, 2, 2, group)).ids).toEqual([first?.id])
    })

    it('count a person once that names the group twice', async () => {
      const [person] = await insertMany(use.store, [aPerson({ groups: [group, group] })])
      expect(await pageOfIds(use.store, 1, 1, group)).toEqual({
        ids: [person?.id],
        page: 1,
        totalPages: 1,
        nextCursor: null,
      })
    })

    it('follow joining, leaving, hiding and expiry', async () => {
      const person = aPerson()
      await insertMany(use.store, [person])
      const isListed = async () => (await pageOfIds(use.store, 1, 10, group)).ids.length === 1
      let current: Person = person
      const change = async (changes: Partial<Person>) => {
        current = (await use.store.persons.update(current, changes))!
        return isListed()
      }
      expect(await change({ groups: [other, group] })).toBe(true)
      expect(await change({ name: 'Grace' })).toBe(true)
      expect(await change({ groups: [other] })).toBe(false)
      expect(await change({ groups: [group] })).toBe(true)
      expect(await change({ expireAt: NOW - 5 })).toBe(false)
      expect(await change({ expireAt: NOW + 5 })).toBe(true)
      expect(await change({ state: 'deleting' })).toBe(false)
    })
  })

  describe('lists of all members of a group', () => {
    const use = useStore(open)
    const group = newTestId<GroupId>()

    it('hold everyone who is not gone, by increasing id, after the one given', async () => {
      const members = await insertMany(use.store, [
        aPerson({ groups: [group] }),
        aPerson({ groups: [group], state: 'pending' }),
        aPerson({ groups: [group], state: 'deleting' }),
        aPerson({ groups: [group], expireAt: 1 }),
      ])
      const gone = aPerson({ groups: [group] })
      await insertMany(use.store, [gone, aPerson()])
      await use.store.persons.update(gone, { state: 'gone' })
      const ids = members.map(({ id }) => id)
      const list = (after: PersonId | null, limit: number) =>
        use.store.groups.listMembers({ groupId: group, after, limit })
      expect(await list(null, 3)).toEqual(ids.slice(0, 3))
      expect(await list(ids[2]!, 3)).toEqual(ids.slice(3))
      expect(await list(ids[3]!, 3)).toEqual([])
    })

    it('no longer hold who left', async () => {
      const person = aPerson({ groups: [group] })
      await insertMany(use.store, [person])
      await use.store.persons.update(person, { groups: [] })
      expect(await use.store.groups.listMembers({ groupId: group, after: null, limit: 9 })).toEqual([])
    })
  })
}

/** Forty of them, a few at a time. */
async function insertLong(store: RecordStore): Promise<readonly Person[]> {
  const persons = Array.from({ length: 40 }, () => aPerson({ metadata: LONG, groups: [GROUP] }))
  for (let at = 0; at < persons.length; at += 4) await insertMany(store, persons.slice(at, at + 4))
  return persons
}

async function insertMany(store: RecordStore, persons: readonly Person[]): Promise<readonly Person[]> {
  await Promise.all(persons.map((person) => store.persons.insert(person)))
  return persons
}

// biome-ignore lint/complexity/useMaxParams: store, page, size and group read as the request does
async function pageOfIds(store: RecordStore, page: number, size: number, groupId?: GroupId) {
  const query = groupId === undefined ? { nowMs: NOW } : { nowMs: NOW, groupId }
  const { items, ...rest } = await store.persons.list(query, { page, size })
  return { ids: items.map((person) => person.id), ...rest }
}
