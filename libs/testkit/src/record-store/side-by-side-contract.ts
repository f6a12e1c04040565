import type { PersonId } from '@semblance/core'
import { aGroup, anImage, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

/** More than any store carries out in one step. */
const MANY = 25

/** A store may carry out in one step what several callers ask for at once; each of them hears of its own call. */
export function describeSideBySide(open: OpenRecordStore): void {
  describe('calls at once', () => {
    const use = useStore(open)

    it('insert each record, and refuse each that is there', async () => {
      const persons = Array.from({ length: MANY }, (_, i) => aPerson({ name: `person ${i}` }))
      const isThere = (i: number) => i % 3 === 1
      await Promise.all(
        persons.filter((_, i) => isThere(i)).map((person) => use.store.persons.insert(person)),
      )
      const others = persons.map((person) => ({ ...person, name: `${person.name} again` }))
      const inserted = await Promise.all(others.map((person) => use.store.persons.insert(person)))
      expect(inserted).toEqual(persons.map((_, i) => !isThere(i)))
      const found = await Promise.all(persons.map(({ id }) => use.store.persons.find(id)))
      expect(found).toEqual(persons.map((person, i) => (isThere(i) ? person : others[i])))
    })

    it('find each record, once where it is asked for twice, and none that is not there', async () => {
      const [one, other] = [aPerson(), aPerson()]
      await Promise.all([use.store.persons.insert(one), use.store.persons.insert(other)])
      const ids = [one.id, newTestId<PersonId>(), other.id, one.id]
      const [found, lists, group] = await Promise.all([
        Promise.all(ids.map((id) => use.store.persons.find(id))),
        Promise.all([ids, ids.slice(1, 2), []].map((some) => use.store.persons.findMany(some))),
        use.store.groups.find(aGroup().id),
      ])
      expect(found).toEqual([one, null, other, one])
      expect(lists.map((list) => list.map(({ id }) => id).toSorted())).toEqual([
        [one.id, other.id].toSorted(),
        [],
        [],
      ])
      expect(group).toBeNull()
    })

    it('move each image that is in a state to move from, and tell who moved one that several would', async () => {
      const images = Array.from({ length: MANY }, (_, i) =>
        anImage({ state: i % 4 === 2 ? 'deleting' : 'pending' }),
      )
      await Promise.all(images.map((image) => use.store.images.insert(image)))
      const twice = [...images, ...images.slice(0, 2), anImage()]
      const moved = await Promise.all(
        twice.map(({ id }) => use.store.images.move(id, { from: ['pending'], to: 'ready' })),
      )
      const [first, again, absent] = [moved.slice(0, MANY), moved.slice(MANY, MANY + 2), moved.at(-1)]
      expect(first.slice(2)).toEqual(images.slice(2).map(({ state }) => state === 'pending'))
      for (const i of [0, 1]) expect([first[i], again[i]].filter(Boolean)).toHaveLength(1)
      expect(absent).toBe(false)
      const states = (await use.store.images.findMany(images.map(({ id }) => id))).map(({ id, state }) => [
        id,
        state,
      ])
      expect(Object.fromEntries(states)).toEqual(
        Object.fromEntries(images.map(({ id, state }) => [id, state === 'pending' ? 'ready' : state])),
      )
    })

    it('are left by one caller, and go on for the others', async () => {
      const [left, stays] = [aPerson(), aPerson()]
      const leaving = new AbortController()
      const both = [
        use.store.persons.insert(left, { signal: leaving.signal }),
        use.store.persons.insert(stays),
      ]
      leaving.abort(new Error('the caller has left'))
      await expect(both[0]).rejects.toThrow('the caller has left')
      expect(await both[1]).toBe(true)
      expect(await use.store.persons.find(stays.id)).toEqual(stays)
    })
  })
}
