import type { GroupId, ImageId, OverdueQuery, PersonId, RecordStore } from '@semblance/core'
import { aGroup, anImage, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

const HOUR = 3_600_000

type Make = (store: RecordStore, id: string) => Promise<unknown>

/** How a record of each kind comes about. */
const MAKERS = {
  'pending-image': (store, id) => store.images.insert(anImage({ id: id as ImageId, state: 'pending' })),
  'deleting-image': (store, id) => store.images.insert(anImage({ id: id as ImageId, state: 'deleting' })),
  'gone-image': async (store, id) => {
    await store.images.insert(anImage({ id: id as ImageId }))
    await store.images.move(id as ImageId, { from: ['ready'], to: 'gone' })
  },
  'erased-image': async (store, id) => {
    await MAKERS['gone-image'](store, id)
    await store.images.move(id as ImageId, { from: ['gone'], to: 'erased' })
  },
  'pending-person': (store, id) => store.persons.insert(aPerson({ id: id as PersonId, state: 'pending' })),
  'merging-person': (store, id) =>
    store.persons.insert(
      aPerson({ id: id as PersonId, state: 'merging', mergedInto: newTestId<PersonId>() }),
    ),
  'deleting-person': (store, id) => store.persons.insert(aPerson({ id: id as PersonId, state: 'deleting' })),
  'dirty-person': (store, id) => store.persons.insert(aPerson({ id: id as PersonId, dirty: true })),
  'expired-person': (store, id) =>
    store.persons.insert(aPerson({ id: id as PersonId, expireAt: Date.now() - HOUR })),
  'gone-person': async (store, id) => {
    await store.persons.insert(aPerson({ id: id as PersonId }))
    await store.persons.update({ id: id as PersonId, rev: 1 }, { state: 'gone' })
  },
  'deleting-group': (store, id) => store.groups.insert(aGroup({ id: id as GroupId, state: 'deleting' })),
  'gone-group': async (store, id) => {
    await store.groups.insert(aGroup({ id: id as GroupId }))
    await store.groups.move(id as GroupId, { from: ['live'], to: 'gone' })
  },
} satisfies Record<OverdueQuery['kind'], Make>

const KINDS = Object.keys(MAKERS) as OverdueQuery['kind'][]

/** By the store's own clock, which may differ from ours, and time goes on while a test runs. */
const CLOCKS_APART_MS = 60_000

function expectAge(actualMs: number, wantedMs: number): void {
  expect(Math.abs(actualMs - wantedMs)).toBeLessThan(CLOCKS_APART_MS)
}

export function describeOverdue(open: OpenRecordStore): void {
  describe('overdue records', () => {
    const use = useStore(open)
    const list = (kind: OverdueQuery['kind'], untouchedMs: number, { skip = 0, limit = 100 } = {}) =>
      use.store.overdue.list({ kind, untouchedMs, skip, limit })
    const count = (kind: OverdueQuery['kind'], untouchedMs: number) =>
      use.store.overdue.count({ kind, untouchedMs })

    it.each(KINDS)('%s: of that kind and no other', async (kind) => {
      const made = new Map<string, string>()
      for (const one of KINDS) {
        made.set(one, newTestId())
        await MAKERS[one](use.store, made.get(one)!)
      }
      await use.store.persons.insert(aPerson({ expireAt: Date.now() + HOUR }))
      await use.store.images.insert(anImage())
      await use.store.groups.insert(aGroup())
      await use.harness.age(2000)
      expect(await list(kind, 1000)).toEqual([made.get(kind)])
      expect((await count(kind, 1000)).count).toBe(1)
    })

    // An expired person's age is its expiry; the others' is that of the last write.
    it.each(
      KINDS.filter((kind) => kind !== 'expired-person'),
    )('%s: once untouched for long enough, oldest first, no more than asked for', async (kind) => {
      const [younger, older] = [newTestId(), newTestId()]
      await MAKERS[kind](use.store, older)
      await use.harness.age(HOUR)
      await MAKERS[kind](use.store, younger)
      expect(await list(kind, HOUR / 2)).toEqual([older])
      await use.harness.age(HOUR)
      expect(await list(kind, HOUR / 2)).toEqual([older, younger])
      expect(await list(kind, HOUR / 2, { limit: 1 })).toEqual([older])
      expect(await list(kind, HOUR / 2, { skip: 1 })).toEqual([younger])
      expect(await list(kind, HOUR / 2, { skip: 2 })).toEqual([])
      expect(await list(kind, 9 * HOUR)).toEqual([])
    })

    it.each(
      KINDS.filter((kind) => kind !== 'expired-person'),
    )('%s: counted once untouched for long enough, with the age of the oldest', async (kind) => {
      expect(await count(kind, 0)).toEqual({ count: 0, oldestMs: 0 })
      await MAKERS[kind](use.store, newTestId())
      await use.harness.age(HOUR)
      await MAKERS[kind](use.store, newTestId())
      await MAKERS[kind](use.store, newTestId())
      const old = await count(kind, HOUR / 2)
      expect(old.count).toBe(1)
      expectAge(old.oldestMs, HOUR)
      const all = await count(kind, 0)
      expect(all.count).toBe(3)
      expectAge(all.oldestMs, HOUR)
      expect(await count(kind, 9 * HOUR)).toEqual({ count: 0, oldestMs: 0 })
    })

    it('expired-person: longest expired first, skipped and counted by expiry, whatever was written last', async () => {
      const [recent, longAgo] = [newTestId(), newTestId()]
      await use.store.persons.insert(aPerson({ id: longAgo as PersonId, expireAt: Date.now() - 3 * HOUR }))
      await use.store.persons.insert(aPerson({ id: recent as PersonId, expireAt: Date.now() - HOUR }))
      await use.store.persons.update({ id: longAgo as PersonId, rev: 1 }, { name: 'Grace' })
      expect(await list('expired-person', 0)).toEqual([longAgo, recent])
      expect(await list('expired-person', 0, { skip: 1 })).toEqual([recent])
      const { count: expired, oldestMs } = await count('expired-person', 0)
      expect(expired).toBe(2)
      expectAge(oldestMs, 3 * HOUR)
    })

    it.each(KINDS)('%s: one alone, if it is one of them', async (kind) => {
      const [one, other] = [newTestId(), newTestId()]
      await MAKERS[kind](use.store, one)
      await MAKERS[kind](use.store, other)
      const query = { kind, untouchedMs: 0, limit: 100 }
      expect(await use.store.overdue.list({ ...query, skip: 0, id: one })).toEqual([one])
      expect(await use.store.overdue.list({ ...query, skip: 1, id: one })).toEqual([])
      expect(await use.store.overdue.list({ ...query, skip: 0, id: newTestId() })).toEqual([])
    })

    it('expired-person: no longer once the expiry is put off or taken away', async () => {
      const [later, never] = [
        aPerson({ expireAt: Date.now() - HOUR }),
        aPerson({ expireAt: Date.now() - HOUR }),
      ]
      await use.store.persons.insert(later)
      await use.store.persons.insert(never)
      await use.store.persons.update(later, { expireAt: Date.now() + HOUR })
      await use.store.persons.update(never, { expireAt: null })
      expect(await list('expired-person', 0)).toEqual([])
      const { items } = await use.store.persons.list({ nowMs: Date.now() }, { page: 1, size: 10 })
      expect(items.map(({ id }) => id).toSorted()).toEqual([later.id, never.id].toSorted())
    })

    it('are young again after a write', async () => {
      const person = aPerson({ state: 'pending' })
      await use.store.persons.insert(person)
      await use.harness.age(HOUR)
      await use.store.persons.update(person, { name: 'Grace' })
      expect(await list('pending-person', HOUR / 2)).toEqual([])
      expect(await list('pending-person', 0)).toEqual([person.id])
    })

    it('are no longer listed once settled', async () => {
      const person = aPerson({ dirty: true })
      const image = anImage({ state: 'pending' })
      await use.store.persons.insert(person)
      await use.store.images.insert(image)
      await use.store.persons.markClean(person)
      await use.store.images.move(image.id, { from: ['pending'], to: 'ready' })
      expect(await list('dirty-person', 0)).toEqual([])
      expect(await list('pending-image', 0)).toEqual([])
    })
  })

  describe('forgetting', () => {
    const use = useStore(open)

    it('removes a tombstone for good, so that nothing of it is left', async () => {
      const [person, image, erased, group] = [aPerson(), anImage(), anImage(), aGroup()]
      await MAKERS['gone-person'](use.store, person.id)
      await MAKERS['gone-image'](use.store, image.id)
      await MAKERS['erased-image'](use.store, erased.id)
      await MAKERS['gone-group'](use.store, group.id)
      await use.store.overdue.forget({ kind: 'person', id: person.id })
      await use.store.overdue.forget({ kind: 'image', id: image.id })
      await use.store.overdue.forget({ kind: 'image', id: erased.id })
      await use.store.overdue.forget({ kind: 'group', id: group.id })
      expect(await use.store.persons.find(person.id)).toBeNull()
      expect(await use.store.images.findMany([image.id, erased.id])).toEqual([])
      expect(await use.store.groups.find(group.id)).toBeNull()
    })

    it('leaves what is not a tombstone, and does not mind an unknown id', async () => {
      const [person, image, group] = [aPerson(), anImage(), aGroup()]
      await use.store.persons.insert(person)
      await use.store.images.insert(image)
      await use.store.groups.insert(group)
      await use.store.overdue.forget({ kind: 'person', id: person.id })
      await use.store.overdue.forget({ kind: 'image', id: image.id })
      await use.store.overdue.forget({ kind: 'group', id: group.id })
      await use.store.overdue.forget({ kind: 'person', id: newTestId() })
      expect(await use.store.persons.find(person.id)).toEqual(person)
      expect(await use.store.images.find(image.id)).toEqual(image)
      expect(await use.store.groups.find(group.id)).toEqual(group)
    })
  })
}
