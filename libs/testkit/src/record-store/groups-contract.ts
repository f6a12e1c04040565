import type { GroupId } from '@semblance/core'
import { aGroup, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { countWinners, RIVALS, useStore } from './store-under-test.ts'

export function describeGroups(open: OpenRecordStore): void {
  describe('groups', () => {
    const use = useStore(open)

    it('come back as they were inserted, and only once', async () => {
      const group = aGroup({ name: 'Ω "x"', metadata: '{ "a.b": {"$c":1} }' })
      expect(await use.store.groups.insert(group)).toBe(true)
      expect(await use.store.groups.insert({ ...group, name: 'Second' })).toBe(false)
      expect(await use.store.groups.find(group.id)).toEqual(group)
      expect(await use.store.groups.find(newTestId<GroupId>())).toBeNull()
    })

    it('are inserted by exactly one of many who try the same id at once', async () => {
      const id = newTestId<GroupId>()
      const rivals = RIVALS.map((i) => use.store.groups.insert(aGroup({ id, name: `rival ${i}` })))
      expect(await countWinners(rivals)).toBe(1)
    })

    it('are found many at once, in any state, unknown ids left out', async () => {
      const [live, deleting] = [aGroup(), aGroup({ state: 'deleting' })]
      await use.store.groups.insert(live)
      await use.store.groups.insert(deleting)
      const found = await use.store.groups.findMany([deleting.id, newTestId<GroupId>(), live.id])
      expect(found.map(({ id }) => id).toSorted()).toEqual([live.id, deleting.id].toSorted())
    })

    it('change what is named and keep the rest', async () => {
      const group = aGroup({ metadata: '{"a":1}' })
      await use.store.groups.insert(group)
      expect(await use.store.groups.update(group.id, { name: '' })).toBe(true)
      expect(await use.store.groups.find(group.id)).toEqual({ ...group, name: '' })
      expect(await use.store.groups.update(group.id, { metadata: '{"b":2}' })).toBe(true)
      expect(await use.store.groups.find(group.id)).toEqual({ ...group, name: '', metadata: '{"b":2}' })
    })

    it('do not change once deleted, or if unknown', async () => {
      const group = aGroup({ state: 'deleting' })
      await use.store.groups.insert(group)
      expect(await use.store.groups.update(group.id, { name: 'Late' })).toBe(false)
      expect(await use.store.groups.find(group.id)).toEqual(group)
      expect(await use.store.groups.update(newTestId<GroupId>(), { name: 'X' })).toBe(false)
    })

    it('move from the states given and no other, and to gone without their name', async () => {
      const group = aGroup({ metadata: '{"a":1}' })
      await use.store.groups.insert(group)
      expect(await use.store.groups.move(group.id, { from: ['deleting'], to: 'gone' })).toBe(false)
      expect(await use.store.groups.move(group.id, { from: ['live'], to: 'deleting' })).toBe(true)
      expect(await use.store.groups.move(group.id, { from: ['deleting'], to: 'gone' })).toBe(true)
      expect(await use.store.groups.find(group.id)).toMatchObject({ name: '', metadata: '{}', state: 'gone' })
    })

    it('are moved by exactly one of many at once', async () => {
      const group = aGroup()
      await use.store.groups.insert(group)
      const rivals = RIVALS.map(() => use.store.groups.move(group.id, { from: ['live'], to: 'deleting' }))
      expect(await countWinners(rivals)).toBe(1)
    })

    it('are listed while live, by decreasing id, a page at a time', async () => {
      const groups = [aGroup(), aGroup(), aGroup()]
      for (const group of [...groups, aGroup({ state: 'deleting' })]) await use.store.groups.insert(group)
      const newestFirst = groups.toReversed()
      const first = await use.store.groups.list({ page: 1, size: 2 })
      const cursor = newestFirst[1]!.id
      expect(first).toEqual({ items: newestFirst.slice(0, 2), page: 1, totalPages: 2, nextCursor: cursor })
      const second = await use.store.groups.list({ page: 2, size: 2 })
      expect(second.items).toEqual(newestFirst.slice(2))
      for (const { id } of newestFirst.slice(0, 2))
        await use.store.groups.move(id, { from: ['live'], to: 'gone' })
      const rest = await use.store.groups.list({ page: 1, size: 2, cursor })
      expect(rest).toEqual({ items: newestFirst.slice(2), page: 1, totalPages: 1, nextCursor: null })
    })

    it('count the members whom readers see', async () => {
      const [group, other] = [aGroup(), aGroup()]
      const nowMs = 1_800_000_000_000
      const groups = [group.id]
      const person = aPerson({ groups: [group.id, other.id] })
      const others = [
        aPerson({ groups, expireAt: nowMs + 1 }),
        aPerson({ groups, expireAt: nowMs }),
        aPerson({ groups, state: 'pending' }),
        aPerson({ groups, state: 'deleting' }),
        aPerson(),
      ]
      for (const one of [person, ...others]) await use.store.persons.insert(one)
      const count = (groupId: GroupId) => use.store.groups.countMembers({ groupId, nowMs })
      expect(await count(group.id)).toBe(2)
      expect(await count(other.id)).toBe(1)
      await use.store.persons.update(person, { groups: [other.id] })
      expect([await count(group.id), await count(other.id)]).toEqual([1, 1])
      expect(await count(newTestId<GroupId>())).toBe(0)
    })

    it('with long metadata are listed whole, portion by portion, until the caller has no room', async () => {
      const metadata = JSON.stringify({ text: 'x'.repeat(60_000) })
      const groups = Array.from({ length: 40 }, () => aGroup({ metadata }))
      for (const group of groups) await use.store.groups.insert(group)
      const told: number[] = []
      const onBytes = (bytes: number) => told.push(bytes)
      const { items } = await use.store.groups.list({ page: 1, size: 1000 }, { onBytes })
      expect(items).toEqual(groups.toReversed())
      expect(told.length).toBeGreaterThan(2)
      expect(told.at(-1)).toBeGreaterThanOrEqual(40 * metadata.length)
      const noRoom = new Error('no room')
      const refuse = () => {
        throw noRoom
      }
      const refused = use.store.groups.list({ page: 1, size: 9 }, { onBytes: refuse })
      await expect(refused).rejects.toBe(noRoom)
    })
  })
}
