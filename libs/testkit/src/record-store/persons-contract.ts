import type { GroupId, PersonId } from '@semblance/core'
import { aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { countWinners, RIVALS, useStore } from './store-under-test.ts'

export function describePersons(open: OpenRecordStore): void {
  describe('persons', () => {
    const use = useStore(open)

    it('come back as they were inserted', async () => {
      const person = aPerson({
        name: `O'Hara "Ω" 👩‍🚀 \\ % _ {$x}`,
        externalId: '',
        groups: [newTestId<GroupId>(), newTestId<GroupId>()],
        expireAt: Date.now() + 60_000,
        rev: 7,
        dirty: true,
      })
      expect(await use.store.persons.insert(person)).toBe(true)
      expect(await use.store.persons.find(person.id)).toEqual(person)
    })

    it('keep their metadata to the letter', async () => {
      const metadata = '{ "__proto__": {"a.b": 1}, "$set":null,"n":1.0, "d":1, "d":2, "ü":"\\u0000" }'
      const person = aPerson({ metadata })
      await use.store.persons.insert(person)
      expect((await use.store.persons.find(person.id))?.metadata).toBe(metadata)
    })

    it('keep the order of their groups', async () => {
      const groups = [newTestId<GroupId>(), newTestId<GroupId>(), newTestId<GroupId>()].toReversed()
      const person = aPerson({ groups })
      await use.store.persons.insert(person)
      expect((await use.store.persons.find(person.id))?.groups).toEqual(groups)
    })

    it('are not inserted over an existing id, in whatever state', async () => {
      for (const state of ['pending', 'live', 'deleting', 'gone'] as const) {
        const first = aPerson({ state: 'pending' })
        await use.store.persons.insert(first)
        if (state !== 'pending') await use.store.persons.update(first, { state })
        const before = await use.store.persons.find(first.id)
        expect(await use.store.persons.insert(aPerson({ id: first.id, name: 'Second' }))).toBe(false)
        expect(await use.store.persons.find(first.id)).toEqual(before)
      }
    })

    it('are inserted by exactly one of many who try the same id at once', async () => {
      const id = newTestId<PersonId>()
      const rivals = RIVALS.map((i) => use.store.persons.insert(aPerson({ id, name: `rival ${i}` })))
      expect(await countWinners(rivals)).toBe(1)
    })

    it('are null when nobody inserted them', async () => {
      expect(await use.store.persons.find(newTestId<PersonId>())).toBeNull()
    })

    it('are found many at once, in any state, each once, unknown ids left out', async () => {
      const [live, pending, deleting] = [
        aPerson(),
        aPerson({ state: 'pending' }),
        aPerson({ state: 'deleting' }),
      ]
      for (const person of [live, pending, deleting]) await use.store.persons.insert(person)
      const found = await use.store.persons.findMany([live.id, newTestId<PersonId>(), deleting.id, live.id])
      expect(found.map((person) => person.id).toSorted()).toEqual([live.id, deleting.id].toSorted())
      expect(await use.store.persons.findMany([])).toEqual([])
    })
  })

  describe('merged persons', () => {
    const use = useStore(open)

    it('are listed by whom they were merged into, or are about to be', async () => {
      const [into, intoToo, stranger] = [aPerson(), aPerson(), aPerson()]
      const mergedInto = into.id
      const merging = aPerson({ state: 'merging', mergedInto })
      const merged = aPerson({ state: 'merged', mergedInto: intoToo.id })
      const about = aPerson({ mergedInto })
      const others = [
        about,
        aPerson({ state: 'deleting', mergedInto }),
        aPerson({ state: 'merged', mergedInto: stranger.id }),
      ]
      for (const person of [into, intoToo, stranger, merging, merged, ...others])
        await use.store.persons.insert(person)
      const listed = await use.store.persons.listMerged([into.id, intoToo.id])
      expect(listed.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: merging.id, mergedInto, state: 'merging' },
        { id: merged.id, mergedInto: intoToo.id, state: 'merged' },
        { id: about.id, mergedInto, state: 'live' },
      ])
      expect(await use.store.persons.listMerged([merged.id])).toEqual([])
      expect(await use.store.persons.listMerged([])).toEqual([])
    })

    it('are in no list', async () => {
      const mergedInto = newTestId<PersonId>()
      const about = aPerson({ mergedInto })
      for (const person of [
        about,
        aPerson({ state: 'merging', mergedInto }),
        aPerson({ state: 'merged', mergedInto }),
      ])
        await use.store.persons.insert(person)
      const { items } = await use.store.persons.list({ nowMs: Date.now() }, { page: 1, size: 10 })
      expect(items).toEqual([about])
    })
  })

  describe('changes of a person', () => {
    const use = useStore(open)

    it('answer the new record: what was named is changed, rev is one higher, the rest stays', async () => {
      const person = aPerson({ externalId: 'x-1', metadata: '{"a":1}', expireAt: 9_999_999_999_999 })
      await use.store.persons.insert(person)
      const groups = [newTestId<GroupId>()]
      const changes = { name: 'Grace', externalId: null, expireAt: null, groups, updatedAt: 5, dirty: true }
      const changed = await use.store.persons.update(person, changes)
      expect(changed).toEqual({ ...person, ...changes, rev: person.rev + 1 })
      expect(await use.store.persons.find(person.id)).toEqual(changed)
    })

    it('are refused when the record moved on, and change nothing', async () => {
      const person = aPerson()
      await use.store.persons.insert(person)
      await use.store.persons.update(person, { name: 'First' })
      expect(await use.store.persons.update(person, { name: 'Late' })).toBeNull()
      expect(await use.store.persons.find(person.id)).toMatchObject({ name: 'First', rev: 2 })
    })

    it('are refused for a rev that is still to come, and for an unknown person', async () => {
      const person = aPerson()
      await use.store.persons.insert(person)
      expect(await use.store.persons.update({ id: person.id, rev: 2 }, { name: 'Early' })).toBeNull()
      expect(await use.store.persons.update({ id: newTestId<PersonId>(), rev: 1 }, { name: 'X' })).toBeNull()
    })

    it('are won by exactly one of many who start from the same rev', async () => {
      const person = aPerson()
      await use.store.persons.insert(person)
      const rivals = RIVALS.map((i) => use.store.persons.update(person, { name: `rival ${i}` }))
      expect(await countWinners(rivals)).toBe(1)
      expect((await use.store.persons.find(person.id))?.rev).toBe(2)
    })

    it('are all there when many writers each try until they win, through two connections', async () => {
      const person = aPerson()
      await use.store.persons.insert(person)
      const stores = [use.store, await use.harness.another()]
      const added = await Promise.all(
        RIVALS.map(async (i) => {
          const store = stores[i % 2]!
          const group = newTestId<GroupId>()
          for (;;) {
            const current = (await store.persons.find(person.id))!
            if (await store.persons.update(current, { groups: [...current.groups, group] })) return group
          }
        }),
      )
      const end = await use.store.persons.find(person.id)
      expect(end?.rev).toBe(1 + RIVALS.length)
      expect(end?.groups.toSorted()).toEqual(added.toSorted())
    })

    it('to gone leave id, times and rev, and nothing that tells who it was', async () => {
      const person = aPerson({
        externalId: 'x-1',
        metadata: '{"a":1}',
        groups: [newTestId<GroupId>()],
        dirty: true,
      })
      await use.store.persons.insert(person)
      const gone = await use.store.persons.update(person, { state: 'gone', updatedAt: 8 })
      const expected = { name: '', externalId: null, metadata: '{}', groups: [], dirty: false }
      expect(gone).toEqual({ ...person, ...expected, state: 'gone', updatedAt: 8, rev: 2 })
      expect(await use.store.persons.find(person.id)).toEqual(gone)
    })

    it('say into whom they were merged, and that they are not merged after all', async () => {
      const [person, into] = [aPerson(), newTestId<PersonId>()]
      await use.store.persons.insert(person)
      const meant = await use.store.persons.update(person, { mergedInto: into })
      expect(meant).toEqual({ ...person, mergedInto: into, rev: 2 })
      expect(await use.store.persons.find(person.id)).toEqual(meant)
      const freed = await use.store.persons.update(meant!, { mergedInto: null })
      expect(freed?.mergedInto ?? null).toBeNull()
      expect((await use.store.persons.find(person.id))?.mergedInto ?? null).toBeNull()
    })

    it('are marked clean without a new rev, but only while rev is the one given', async () => {
      const person = aPerson({ dirty: true, rev: 3 })
      await use.store.persons.insert(person)
      await use.store.persons.markClean({ id: person.id, rev: 2 })
      expect((await use.store.persons.find(person.id))?.dirty).toBe(true)
      await use.store.persons.markClean(person)
      expect(await use.store.persons.find(person.id)).toEqual({ ...person, dirty: false })
    })
  })
}
