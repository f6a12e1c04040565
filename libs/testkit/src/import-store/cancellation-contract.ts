import type { Import, ImportId, ImportRow, RowOutcome } from '@semblance/core'
import { anImport, aRow } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import {
  aStaged,
  claimFrom,
  endRows,
  type ImportStoreHarness,
  LEASE_MS,
  namedRows,
  rowsOf,
} from './import-store-harness.ts'

const RIVALS = 8
const NO_FACE: RowOutcome = { kind: 'no-face' }

/** Part of the ImportStore contract: what becomes of the rows of an import that was cancelled. */
export function describeCancellation(harness: () => ImportStoreHarness): void {
  const begin = async (): Promise<ImportId> => {
    const made = anImport({ state: 'cancelled' })
    await harness().store.records.insert(made)
    return made.id
  }
  const claim = (id: ImportId, holder: string, count: number) =>
    claimFrom(harness().store, { id, holder, count })
  const end = (id: ImportId, holder: string, outcomes: Readonly<Record<string, RowOutcome>>) =>
    endRows(harness().store, { id, holder, outcomes })

  describe('a cancellation', () => {
    it('is found until it has ended', async () => {
      const { records } = harness().store
      const beginAs = async (given: Partial<Import>) => {
        const made = anImport(given)
        await records.insert(made)
        return made.id
      }
      const under = await beginAs({ state: 'cancelled' })
      const ended = await beginAs({ state: 'cancelled', endedAt: 5 })
      await beginAs({ state: 'running' })
      const found = async () => (await records.listCancelling()).map(({ id }) => id)
      expect(await found()).toEqual([under])
      await records.update({ id: ended, rev: 1 }, { endedAt: null, updatedAt: 6 })
      expect(await found()).toEqual([under, ended])
      await records.update({ id: under, rev: 1 }, { endedAt: 7, updatedAt: 7 })
      expect(await found()).toEqual([ended])
    })

    it('ends rows that nobody works on, part by part, and takes the pictures of those that failed', async () => {
      const { store } = harness()
      const id = await begin()
      const pictures = Array.from({ length: 5 }, () => aStaged())
      const keys = ['ended', 'failed', 'held', 'free', 'last']
      await store.rows.add(
        id,
        keys.map((key, i) => aRow({ key, name: 'Ada', picture: pictures[i] ?? null })),
      )
      await claim(id, 'h', 3)
      const failed = { kind: 'failed', why: 'too late', isPassing: true } as const
      await end(id, 'h', { ended: NO_FACE, failed })
      const other = await harness().another()
      const parts = [
        await other.rows.cancel(id, 2),
        await other.rows.cancel(id, 2),
        await other.rows.cancel(id, 2),
      ]
      expect(parts.map((rows) => rows.length)).toEqual([2, 1, 0])
      const stagedOf = ({ key, picture }: ImportRow) => [key, picture]
      expect(parts.flat().map(stagedOf).toSorted()).toEqual(
        [
          ['failed', pictures[1]],
          ['free', pictures[3]],
          ['last', pictures[4]],
        ].toSorted(),
      )
      const rows = await store.rows.list({ id, after: 0, limit: 100 })
      expect(rows.map(({ outcome }) => outcome)).toEqual([
        ...[NO_FACE, failed, null],
        ...[{ kind: 'cancelled' }, { kind: 'cancelled' }],
      ])
      expect(rows.map(({ picture }) => picture)).toEqual([null, null, pictures[2], null, null])
      expect(rows[3]).toMatchObject({ key: 'free', endedAt: expect.any(Number) })
      expect(rows[3]).not.toHaveProperty('name')
      const ids = pictures.map(({ stagedId }) => stagedId)
      expect(await store.rows.neededPictures(ids)).toEqual([ids[2]])
      await expect
        .poll(() => store.rows.count(id), { timeout: 5_000 })
        .toMatchObject({ waiting: 0, claimed: 1, ended: { cancelled: 2, failed: 1 } })
      expect(await end(id, 'h', { held: NO_FACE })).toEqual(['held'])
    })

    it('ends no row that was ever claimed, also when its claim has run out, or it was given back', async () => {
      const { store } = harness()
      const id = await begin()
      await store.rows.add(id, rowsOf(['a', 'b']))
      await claim(id, 'h', 2)
      expect(await store.rows.cancel(id, 10)).toEqual([])
      await store.rows.release({ id, holder: 'h', rows: await namedRows(store, id, ['b']) })
      await harness().age(LEASE_MS + 1)
      expect(await store.rows.cancel(id, 10)).toEqual([])
      expect((await claim(id, 'other', 2)).map(({ key }) => key)).toEqual(['a', 'b'])
      expect(await end(id, 'h', { a: NO_FACE })).toEqual([])
      expect(await end(id, 'other', { a: { kind: 'cancelled' }, b: NO_FACE })).toEqual(['a', 'b'])
    })

    it('gives each row to one of those who cancel at once, or claim it', async () => {
      const { store } = harness()
      const id = await begin()
      const keys = Array.from({ length: RIVALS * 3 }, (_, i) => `row ${i}`)
      await store.rows.add(id, rowsOf(keys))
      const another = await harness().another()
      const [claimed, ...cancelled] = await Promise.all([
        claim(id, 'h', 8),
        store.rows.cancel(id, keys.length),
        another.rows.cancel(id, keys.length),
      ])
      const rest = await store.rows.cancel(id, keys.length)
      const taken = [claimed, ...cancelled, rest].flat().map(({ key }) => key)
      expect(taken.toSorted()).toEqual(keys.toSorted())
    })
  })
}
