import type { GroupId, PackId } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { aGroup } from '../builders/a-group.ts'
import { newTestId } from '../builders/new-test-id.ts'
import type { OpenPersonStore } from './person-store-contract.ts'
import { countWinners, RIVALS, useStore } from './store-under-test.ts'

export function describeGroups(open: OpenPersonStore): void {
  describe('groups', () => {
    const use = useStore(open)

    it('come back as they were inserted, and only once', async () => {
      const group = aGroup({ name: 'Ω "x"', metadata: '{ "a.b": {"$c":1} }' })
      expect(await use.store.insertGroup(group)).toBe(true)
      expect(await use.store.insertGroup({ ...group, name: 'Second' })).toBe(false)
      expect(await use.store.findGroup(group.id)).toEqual(group)
      expect(await use.store.findGroup(newTestId<GroupId>())).toBeNull()
    })

    it('are inserted by exactly one of many who try the same id at once', async () => {
      const id = newTestId<GroupId>()
      const rivals = RIVALS.map((i) => use.store.insertGroup(aGroup({ id, name: `rival ${i}` })))
      expect(await countWinners(rivals)).toBe(1)
    })

    it('are found many at once, in any state, unknown ids left out', async () => {
      const [live, deleting] = [aGroup(), aGroup({ state: 'deleting' })]
      await use.store.insertGroup(live)
      await use.store.insertGroup(deleting)
      const found = await use.store.findGroups([deleting.id, newTestId<GroupId>(), live.id])
      expect(found.map(({ id }) => id).toSorted()).toEqual([live.id, deleting.id].toSorted())
    })

    it('change what is named and keep the rest', async () => {
      const group = aGroup({ metadata: '{"a":1}' })
      await use.store.insertGroup(group)
      expect(await use.store.updateGroup(group.id, { name: '' })).toBe(true)
      expect(await use.store.findGroup(group.id)).toEqual({ ...group, name: '' })
      expect(await use.store.updateGroup(group.id, { metadata: '{"b":2}' })).toBe(true)
      expect(await use.store.findGroup(group.id)).toEqual({ ...group, name: '', metadata: '{"b":2}' })
    })

    it('do not change once deleted, or if unknown', async () => {
      const group = aGroup({ state: 'deleting' })
      await use.store.insertGroup(group)
      expect(await use.store.updateGroup(group.id, { name: 'Late' })).toBe(false)
      expect(await use.store.findGroup(group.id)).toEqual(group)
      expect(await use.store.updateGroup(newTestId<GroupId>(), { name: 'X' })).toBe(false)
    })

    it('move from the states given and no other, and to gone without their name', async () => {
      const group = aGroup({ metadata: '{"a":1}' })
      await use.store.insertGroup(group)
      expect(await use.store.moveGroup(group.id, { from: ['deleting'], to: 'gone' })).toBe(false)
      expect(await use.store.moveGroup(group.id, { from: ['live'], to: 'deleting' })).toBe(true)
      expect(await use.store.moveGroup(group.id, { from: ['deleting'], to: 'gone' })).toBe(true)
      expect(await use.store.findGroup(group.id)).toMatchObject({ name: '', metadata: '{}', state: 'gone' })
    })

    it('are moved by exactly one of many at once', async () => {
      const group = aGroup()
      await use.store.insertGroup(group)
      const rivals = RIVALS.map(() => use.store.moveGroup(group.id, { from: ['live'], to: 'deleting' }))
      expect(await countWinners(rivals)).toBe(1)
    })

    it('are listed while live, by decreasing id, a page at a time', async () => {
      const groups = [aGroup(), aGroup(), aGroup()]
      for (const group of [...groups, aGroup({ state: 'deleting' })]) await use.store.insertGroup(group)
      const newestFirst = groups.toReversed()
      const first = await use.store.listGroups({ page: 1, size: 2 })
      const cursor = newestFirst[1]!.id
      expect(first).toEqual({ items: newestFirst.slice(0, 2), page: 1, totalPages: 2, nextCursor: cursor })
      const second = await use.store.listGroups({ page: 2, size: 2 })
      expect(second.items).toEqual(newestFirst.slice(2))
      for (const { id } of newestFirst.slice(0, 2))
        await use.store.moveGroup(id, { from: ['live'], to: 'gone' })
      const rest = await use.store.listGroups({ page: 1, size: 2, cursor })
      expect(rest).toEqual({ items: newestFirst.slice(2), page: 1, totalPages: 1, nextCursor: null })
    })
  })

  describe('settings of the gallery', () => {
    const use = useStore(open)

    it('have no Default group at first, and then the one that was set', async () => {
      expect(await use.store.readDefaultGroup()).toBeNull()
      const group = newTestId<GroupId>()
      expect(await use.store.setDefaultGroup({ expected: null, next: group })).toBe(true)
      expect(await use.store.readDefaultGroup()).toBe(group)
    })

    it('change the Default group only from the one expected', async () => {
      const [first, second] = [newTestId<GroupId>(), newTestId<GroupId>()]
      expect(await use.store.setDefaultGroup({ expected: first, next: second })).toBe(false)
      await use.store.setDefaultGroup({ expected: null, next: first })
      expect(await use.store.setDefaultGroup({ expected: null, next: second })).toBe(false)
      expect(await use.store.readDefaultGroup()).toBe(first)
      expect(await use.store.setDefaultGroup({ expected: first, next: second })).toBe(true)
      expect(await use.store.readDefaultGroup()).toBe(second)
    })

    it('let exactly one of many set the Default group, at first and later', async () => {
      const first = newTestId<GroupId>()
      const atFirst = RIVALS.map((i) =>
        use.store.setDefaultGroup({ expected: null, next: i === 3 ? first : newTestId<GroupId>() }),
      )
      expect(await countWinners(atFirst)).toBe(1)
      const expected = await use.store.readDefaultGroup()
      const later = RIVALS.map(() => use.store.setDefaultGroup({ expected, next: newTestId<GroupId>() }))
      expect(await countWinners(later)).toBe(1)
    })

    it('remember the pack of the first who claims it', async () => {
      const packs = RIVALS.map((i) => `pack@${i}` as PackId)
      const answers = await Promise.all(packs.map((pack) => use.store.claimPack(pack)))
      expect(new Set(answers).size).toBe(1)
      expect(await use.store.claimPack('late@1' as PackId)).toBe(answers[0])
    })
  })
}
