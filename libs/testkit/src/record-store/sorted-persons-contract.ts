import type { GroupId, Person, PersonPlace, PersonQuery, PersonSort } from '@semblance/core'
import { aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

const NOW = 1_800_000_000_000
const KEYS = ['createdAt', 'updatedAt', 'name'] as const
const BOTH_WAYS: readonly PersonSort[] = KEYS.flatMap((by) => [
  { by, isDescending: false },
  { by, isDescending: true },
])

export function describeSortedPersons(open: OpenRecordStore): void {
  describe('sorted lists of persons', () => {
    const use = useStore(open)

    const insert = async (...given: readonly Partial<Person>[]) => {
      const persons = given.map(aPerson)
      for (const person of persons) await use.store.persons.insert(person)
      return persons
    }
    /** All ids, so many places at a time. */
    const readAll = async (sort: PersonSort, query: Omit<PersonQuery, 'nowMs'> = {}, limit = 2) => {
      const places: PersonPlace[] = []
      for (;;) {
        const after = places.at(-1) ?? null
        const found = await use.store.persons.listSorted({ ...query, nowMs: NOW, sort, after, limit })
        places.push(...found)
        if (found.length < limit) return places.map(({ id }) => id)
      }
    }

    it.each(
      BOTH_WAYS,
    )('go by $by (descending: $isDescending), and by id where that is the same', async (sort) => {
      const values = [300, 100, 200, 200, 200, 100]
      const made = await insert(
        ...values.map((at) => ({ createdAt: at, updatedAt: at, name: `n${at}`, expireAt: NOW + 1 })),
      )
      await insert({ expireAt: NOW }, { state: 'pending' }, { state: 'deleting' })
      const ascending = [1, 5, 2, 3, 4, 0].map((place) => made[place]!.id)
      const wanted = sort.isDescending ? ascending.toReversed() : ascending
      for (const limit of [1, 2, 4, 100]) expect(await readAll(sort, {}, limit)).toEqual(wanted)
    })

    it('put names in the order of their code points, in whatever form they were sent', async () => {
      const names = ['b', '\u{1f600}', '\uff21', 'A\u030a', '\u00c4', 'B', '', 'a', 'ab']
      const made = await insert(...names.map((name) => ({ name })))
      const order = ['', 'B', 'a', 'ab', 'b', '\u00c4', 'A\u030a', '\uff21', '\u{1f600}']
      const ids = order.map((name) => made[names.indexOf(name)]!.id)
      expect(await readAll({ by: 'name', isDescending: false })).toEqual(ids)
      expect(await readAll({ by: 'name', isDescending: true })).toEqual(ids.toReversed())
    })

    it.each(BOTH_WAYS)('by $by (descending: $isDescending) hold whom all filters apply to', async (sort) => {
      const group = newTestId<GroupId>()
      const all = {
        name: 'Ada',
        externalId: '1',
        groups: [group],
        metadata: '{"a":1}',
        createdAt: 5,
        updatedAt: 5,
      }
      const wanted = await insert(all, all, all)
      await insert({ ...all, name: 'Bob' }, { ...all, externalId: '2' }, { ...all, groups: [] })
      await insert({ ...all, metadata: '{"a":2}' }, { ...all, createdAt: 9 }, { ...all, updatedAt: 4 })
      const ids = wanted.map(({ id }) => id)
      const inOrder = sort.isDescending ? ids.toReversed() : ids
      const query = {
        ...{ groupId: group, name: 'Ada', namePrefix: 'A', externalId: '1' },
        metadata: [{ path: ['a'], value: '1' }],
        ...{ created: { fromMs: 5, toMs: 9 }, updated: { fromMs: 5, toMs: 6 } },
      }
      expect(await readAll(sort, query)).toEqual(inOrder)
      expect(await readAll(sort, { groupId: group, externalId: '2' })).toHaveLength(1)
    })

    it.each(BOTH_WAYS)('by $by (descending: $isDescending) may begin further on', async (sort) => {
      await insert(...[3, 1, 2, 2, 5].map((at) => ({ createdAt: at, updatedAt: at, name: `n${at}` })))
      const all = await readAll(sort)
      const from = (skip: number, query: Omit<PersonQuery, 'nowMs'> = {}) =>
        use.store.persons.listSorted({ ...query, nowMs: NOW, sort, after: null, skip, limit: 2 })
      for (const skip of [0, 1, 3, 4, 5, 9])
        expect((await from(skip)).map(({ id }) => id)).toEqual(all.slice(skip, skip + 2))
      expect(await from(1, { namePrefix: 'n2' })).toHaveLength(1)
    })

    it.each(
      BOTH_WAYS,
    )('by $by (descending: $isDescending) show each once who does not change, whatever others do', async (sort) => {
      const fields = (place: number) => {
        const at = 100 + (place >> 1)
        return { createdAt: at, updatedAt: at, name: `n${at}` }
      }
      const made = await insert(...Array.from({ length: 12 }, (_, place) => fields(place)))
      const query = { nowMs: NOW, sort, limit: 5 }
      const first = await use.store.persons.listSorted({ ...query, after: null })
      const last = made.find(({ id }) => id === first.at(-1)!.id)!
      // The one at whose place the list goes on is deleted, and others move past that place in both directions.
      const [front, back] = [made[sort.isDescending ? 11 : 0]!, made[sort.isDescending ? 0 : 11]!]
      await use.store.persons.update(last, { state: 'gone' })
      await use.store.persons.update(front, {
        updatedAt: back.updatedAt,
        name: back.name,
      })
      await use.store.persons.update(back, {
        updatedAt: front.updatedAt,
        name: front.name,
      })
      await insert(fields(0), fields(11))
      const rest = await use.store.persons.listSorted({ ...query, after: first.at(-1)!, limit: 100 })
      const seen = [...first, ...rest].map(({ id }) => id)
      for (const { id } of made)
        if (id !== front.id && id !== back.id) expect(seen.filter((one) => one === id)).toHaveLength(1)
    })
  })
}
