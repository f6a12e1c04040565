import type { GroupId, PackId } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { countWinners, RIVALS, useStore } from './store-under-test.ts'

export function describeSettings(open: OpenRecordStore): void {
  describe('settings of the gallery', () => {
    const use = useStore(open)

    it('have no Default group at first, and then the one that was set', async () => {
      expect(await use.store.settings.readDefaultGroup()).toBeNull()
      const group = newTestId<GroupId>()
      expect(await use.store.settings.setDefaultGroup({ expected: null, next: group })).toBe(true)
      expect(await use.store.settings.readDefaultGroup()).toBe(group)
    })

    it('change the Default group only from the one expected', async () => {
      const [first, second] = [newTestId<GroupId>(), newTestId<GroupId>()]
      expect(await use.store.settings.setDefaultGroup({ expected: first, next: second })).toBe(false)
      await use.store.settings.setDefaultGroup({ expected: null, next: first })
      expect(await use.store.settings.setDefaultGroup({ expected: null, next: second })).toBe(false)
      expect(await use.store.settings.readDefaultGroup()).toBe(first)
      expect(await use.store.settings.setDefaultGroup({ expected: first, next: second })).toBe(true)
      expect(await use.store.settings.readDefaultGroup()).toBe(second)
    })

    it('let exactly one of many set the Default group, at first and later', async () => {
      const first = newTestId<GroupId>()
      const atFirst = RIVALS.map((i) =>
        use.store.settings.setDefaultGroup({ expected: null, next: i === 3 ? first : newTestId<GroupId>() }),
      )
      expect(await countWinners(atFirst)).toBe(1)
      const expected = await use.store.settings.readDefaultGroup()
      const later = RIVALS.map(() =>
        use.store.settings.setDefaultGroup({ expected, next: newTestId<GroupId>() }),
      )
      expect(await countWinners(later)).toBe(1)
    })

    it('remember the pack of the first who claims it', async () => {
      expect(await use.store.settings.readPack()).toBeNull()
      const packs = RIVALS.map((i) => `pack@${i}` as PackId)
      const answers = await Promise.all(packs.map((pack) => use.store.settings.claimPack(pack)))
      expect(new Set(answers).size).toBe(1)
      expect(await use.store.settings.readPack()).toBe(answers[0])
      expect(await use.store.settings.claimPack('late@1' as PackId)).toBe(answers[0])
    })

    it('have one pack at first, and change it together with the other one, each change once', async () => {
      expect(await use.store.settings.readPacks()).toBeNull()
      const [one, next] = ['one@1', 'next@1'] as PackId[] as [PackId, PackId]
      expect(await use.store.settings.changePacks({ serving: one, other: null, rev: 1 })).toBe(false)
      await use.store.settings.claimPack(one)
      expect(await use.store.settings.readPacks()).toEqual({ serving: one, other: null, rev: 0 })
      const begun = { serving: one, other: next, rev: 1 }
      expect(await countWinners(RIVALS.map(() => use.store.settings.changePacks(begun)))).toBe(1)
      expect(await use.store.settings.readPacks()).toEqual(begun)
      expect(await use.store.settings.readPack()).toBe(one)
      const switched = { serving: next, other: one, rev: 2 }
      expect(await countWinners(RIVALS.map(() => use.store.settings.changePacks(switched)))).toBe(1)
      expect(await use.store.settings.readPacks()).toEqual(switched)
      expect(await use.store.settings.claimPack(one)).toBe(next)
      expect(await use.store.settings.changePacks({ ...switched, other: null })).toBe(false)
    })

    it('remember the key of cursors of the first who claims it', async () => {
      const answers = await Promise.all(RIVALS.map((i) => use.store.settings.claimCursorKey(`key ${i}`)))
      expect(new Set(answers).size).toBe(1)
      expect(await use.store.settings.claimCursorKey('late')).toBe(answers[0])
    })
  })
}
