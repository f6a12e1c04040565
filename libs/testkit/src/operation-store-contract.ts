import type { OperationId, OperationStore, PersonId } from '@semblance/core'
import { aDeletion, aDuplicateSearch, aPair, newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An empty store of its own for one test. */
export interface OperationStoreHarness {
  readonly store: OperationStore
  /** Another connection to the same data, as another process would have it. */
  another(): Promise<OperationStore>
  close(): Promise<void>
}

/** More than a server of the tests can hold cursors of. */
const MANY_PAIRS = 110
const RIVALS = 8
const PAGE = { page: 1, size: 2 }

/** What the docstrings of `OperationStore` promise, as claims. */
export function describeOperationStoreContract(
  name: string,
  open: () => Promise<OperationStoreHarness>,
): void {
  describe(`${name} keeps the OperationStore contract`, () => {
    let harness: OperationStoreHarness
    let store: OperationStore
    beforeEach(async () => {
      harness = await open()
      store = harness.store
    })
    afterEach(() => harness.close())

    const beginSearch = async (): Promise<OperationId> => {
      const made = aDuplicateSearch()
      await store.records.insert(made)
      return made.id
    }

    describe('an operation', () => {
      it('is read as it was written, once, through any process', async () => {
        const filter = { created: { fromMs: 1, toMs: 2 }, hasImages: false, metadata: [] }
        const made = aDeletion({ state: 'preparing', parameters: { filter } })
        expect(await store.records.insert(made)).toBe(true)
        expect(await store.records.insert({ ...made, total: 1 })).toBe(false)
        expect(await (await harness.another()).records.find(made.id)).toEqual(made)
        const search = aDuplicateSearch({
          parameters: { threshold: 0.9, groupIds: [newTestId()] },
          cursor: 'here',
          marks: [
            { at: 1_500, done: 3 },
            { at: 2_000, done: 7 },
          ],
          failure: 'why',
          isLimitReached: true,
          endedAt: 2_000,
        })
        await store.records.insert(search)
        expect(await store.records.find(search.id)).toEqual(search)
        expect(await store.records.find(newTestId())).toBeNull()
      })

      it('is changed by exactly one of those who saw it', async () => {
        const made = aDeletion()
        await store.records.insert(made)
        const stores = [store, await harness.another()]
        const changes = Array.from({ length: RIVALS }, (_, i) =>
          stores[i % 2]!.records.update(made, { cursor: String(i), done: i, updatedAt: 2_000 }),
        )
        const changed = (await Promise.all(changes)).filter((one) => one !== null)
        expect(changed).toHaveLength(1)
        expect(changed[0]).toMatchObject({ rev: 2, updatedAt: 2_000, total: 10, parameters: made.parameters })
        expect(await store.records.find(made.id)).toEqual(changed[0])
        const ended = { state: 'done', parameters: { filter: null }, endedAt: 3, updatedAt: 3 } as const
        expect(await store.records.update(changed[0]!, ended)).toMatchObject({ ...ended, rev: 3 })
        expect(await store.records.update({ id: newTestId(), rev: 1 }, { updatedAt: 1 })).toBeNull()
      })

      it('is listed newest first, all or of a kind, and by its state', async () => {
        const made = [aDeletion(), aDuplicateSearch(), aDeletion({ state: 'paused' })]
        for (const one of made) await store.records.insert(one)
        const ids = made.map(({ id }) => id)
        const first = await store.records.list({ request: PAGE })
        expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]])
        expect(first).toMatchObject({ totalPages: 2, nextCursor: ids[1] })
        const next = await store.records.list({ request: { ...PAGE, cursor: ids[1]! } })
        expect(next.items.map(({ id }) => id)).toEqual([ids[0]])
        const searches = await store.records.list({ kind: 'find-duplicates', request: PAGE })
        expect(searches.items).toEqual([made[1]])
        const running = await store.records.listByState(['running', 'preparing'])
        expect(running.map(({ id }) => id)).toEqual([ids[0], ids[1]])
      })

      it('is forgotten with all that belongs to it', async () => {
        const [id, other] = [await beginSearch(), await beginSearch()]
        const pair = aPair()
        for (const one of [id, other]) {
          await store.targets.add(one, [{ position: 1, personIds: [newTestId()] }])
          await store.pairs.add(one, [pair])
        }
        await store.records.forget(id)
        await store.records.forget(id)
        expect(await store.records.find(id)).toBeNull()
        expect(await store.targets.next(id, 0)).toBeNull()
        expect(await store.pairs.count(id)).toBe(0)
        expect(await store.pairs.count(other)).toBe(1)
        expect(await store.targets.next(other, 0)).not.toBeNull()
      })
    })

    describe('a target', () => {
      it('is worked on part by part, in order, and dropped', async () => {
        const [id, other] = [await beginSearch(), await beginSearch()]
        const parts = [1, 2, 10].map((position) => ({
          position,
          personIds: [newTestId<PersonId>(), newTestId<PersonId>()],
        }))
        await store.targets.add(id, parts.slice(1))
        await store.targets.add(id, parts)
        await store.targets.add(id, [{ position: 1, personIds: [] }])
        await store.targets.add(other, [{ position: 5, personIds: [] }])
        expect(await store.targets.next(id, 0)).toEqual(parts[0])
        expect(await store.targets.next(id, 1)).toEqual(parts[1])
        expect(await store.targets.next(id, 2)).toEqual(parts[2])
        expect(await store.targets.next(id, 10)).toBeNull()
        await store.targets.drop(id, 2)
        expect(await store.targets.next(id, 0)).toEqual(parts[2])
        await store.targets.drop(id)
        expect(await store.targets.next(id, 0)).toBeNull()
        expect(await store.targets.next(other, 0)).toEqual({ position: 5, personIds: [] })
      })
    })

    describe('a pair', () => {
      const listed = (id: OperationId, limit = 10) => store.pairs.list({ id, after: null, limit })

      it('is listed by its distance, page by page', async () => {
        const id = await beginSearch()
        const near = aPair({ distance: 0.25 })
        const [a, b] = [aPair(), aPair()]
        await store.pairs.add(await beginSearch(), [aPair()])
        await store.pairs.add(id, [b, near])
        await store.pairs.add(id, [a])
        const all = await listed(id)
        expect(all).toEqual([near, a, b].map((pair) => ({ ...pair, decision: null })))
        const page = await store.pairs.list({ id, after: near, limit: 1 })
        expect(page.map(({ personId }) => personId)).toEqual([a.personId])
        expect(await store.pairs.list({ id, after: page[0]!, limit: 10 })).toEqual([all[2]])
        expect(await store.pairs.count(id)).toBe(3)
      })

      it('may be one of many of one call', async () => {
        const id = await beginSearch()
        const pairs = Array.from({ length: MANY_PAIRS }, () => aPair())
        await store.pairs.add(id, pairs)
        await store.pairs.add(
          id,
          pairs.map((pair) => ({ ...pair, distance: pair.distance / 2 })),
        )
        const distances = (await listed(id, MANY_PAIRS)).map(({ distance }) => distance)
        expect(distances).toEqual(pairs.map(({ distance }) => distance / 2).toSorted((a, b) => a - b))
      })

      it('counts by its nearest pictures, whoever finds it how often', async () => {
        const id = await beginSearch()
        const pair = aPair({ distance: 0.5 })
        const nearer = { ...aPair({ distance: 0.4 }), personId: pair.personId, otherId: pair.otherId }
        const farther = { ...aPair({ distance: 0.6 }), personId: pair.personId, otherId: pair.otherId }
        await store.pairs.add(id, [pair, pair])
        await store.pairs.add(id, [farther])
        expect(await listed(id)).toEqual([{ ...pair, decision: null }])
        await store.pairs.decide({ id, ...pair }, 'keep')
        await Promise.all([store.pairs.add(id, [nearer]), store.pairs.add(id, [farther])])
        expect(await listed(id)).toEqual([{ ...nearer, decision: 'keep' }])
        await store.pairs.add(id, [])
      })

      it('is decided about, and listed by that', async () => {
        const id = await beginSearch()
        const [a, b, c] = [aPair(), aPair(), aPair()]
        await store.pairs.add(id, [a, b, c])
        expect(await store.pairs.decide({ id, ...a }, 'keep')).toBe(true)
        expect(await store.pairs.decide({ id, ...b }, 'later')).toBe(true)
        expect(await store.pairs.decide({ id, ...b }, null)).toBe(true)
        expect(await store.pairs.decide({ id, ...b, otherId: newTestId() }, 'keep')).toBe(false)
        const idsOf = async (decision: 'keep' | null) =>
          (await store.pairs.list({ id, after: null, limit: 10, decision })).map(({ personId }) => personId)
        expect(await idsOf('keep')).toEqual([a.personId])
        expect(await idsOf(null)).toEqual([b.personId, c.personId])
      })

      it('that was kept in one search is kept in the next one from its beginning', async () => {
        const [first, second] = [await beginSearch(), await beginSearch()]
        const pairs = [aPair(), aPair(), aPair()]
        const stranger = { ...aPair(), personId: pairs[0]!.personId }
        await store.pairs.add(first, pairs)
        await store.pairs.decide({ id: first, ...pairs[0]! }, 'keep')
        await store.pairs.decide({ id: first, ...pairs[1]! }, 'later')
        await store.pairs.add(second, [...pairs, stranger])
        const decisions = new Map((await listed(second)).map((pair) => [pair.otherId, pair.decision]))
        expect([...pairs, stranger].map(({ otherId }) => decisions.get(otherId))).toEqual([
          'keep',
          null,
          null,
          null,
        ])
        await store.pairs.decide({ id: second, ...pairs[0]! }, null)
        await store.pairs.add(second, pairs)
        expect((await listed(second)).every(({ decision }) => decision === null)).toBe(true)
      })

      it('goes with either of its persons, from all operations', async () => {
        const ids = [await beginSearch(), await beginSearch()]
        const [ada, bob, eve] = [newTestId<PersonId>(), newTestId<PersonId>(), newTestId<PersonId>()]
        for (const id of ids) {
          await store.pairs.add(id, [
            aPair({ personId: ada, otherId: bob }),
            aPair({ personId: bob, otherId: eve }),
            aPair({ personId: ada, otherId: eve }),
          ])
        }
        await store.pairs.erase(bob)
        await store.pairs.erase(newTestId())
        for (const id of ids)
          expect((await listed(id)).map(({ personId, otherId }) => [personId, otherId])).toEqual([[ada, eve]])
      })

      it('goes over to the person into whom one of its own was merged, in all operations', async () => {
        const ids = [await beginSearch(), await beginSearch()]
        const [ada, bob, eve, grace] = Array.from({ length: 4 }, () => newTestId<PersonId>()).toSorted() as [
          PersonId,
          PersonId,
          PersonId,
          PersonId,
        ]
        const ofBoth = aPair({ personId: ada, otherId: bob })
        const moving = aPair({ personId: bob, otherId: grace, distance: 0.3 })
        const turning = aPair({ personId: ada, otherId: eve, distance: 0.2 })
        for (const id of ids) {
          await store.pairs.add(id, [ofBoth, moving, turning])
          await store.pairs.decide({ id, ...turning }, 'later')
        }
        await store.pairs.handOver({ from: bob, to: ada })
        await store.pairs.handOver({ from: ada, to: grace })
        await store.pairs.handOver({ from: ada, to: grace })
        for (const id of ids) {
          const { imageId: adas, otherImageId: eves } = turning
          const turned = { personId: eve, otherId: grace, imageId: eves, otherImageId: adas }
          expect(await listed(id)).toEqual([{ ...turned, distance: 0.2, decision: 'later' }])
        }
      })

      it('that comes to one that is there leaves the nearer pictures, and what was decided', async () => {
        const [ada, bob, ...others] = Array.from({ length: 5 }, () => newTestId<PersonId>()).toSorted()
        for (const [there, moved, decision] of [
          ['later', 'keep', 'later'],
          [null, 'keep', 'keep'],
          ['keep', null, 'keep'],
        ] as const) {
          const id = await beginSearch()
          const [near, far] = [{ distance: 0.2 }, { distance: 0.4 }]
          const own = others.map((otherId, i) =>
            aPair({ personId: ada!, otherId, ...(i === 1 ? far : near) }),
          )
          const came = others.map((otherId, i) =>
            aPair({ personId: bob!, otherId, ...(i === 1 ? near : far) }),
          )
          await store.pairs.add(id, [...own, ...came])
          await store.pairs.decide({ id, ...own[0]! }, there)
          await store.pairs.decide({ id, ...came[0]! }, moved)
          await store.pairs.handOver({ from: bob!, to: ada! })
          const nearest = [own[0]!, { ...came[1]!, personId: ada! }, own[2]!]
          expect(await listed(id)).toEqual(
            nearest.map((pair, i) => ({ ...pair, decision: i === 0 ? decision : null })),
          )
          await store.pairs.erase(ada!)
        }
      })
    })
  })
}
