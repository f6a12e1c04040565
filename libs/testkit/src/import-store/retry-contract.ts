import { type ImportId, type PersonId, RETRYABLE_KINDS, type RowOutcome } from '@semblance/core'
import { anImport, aRow, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import { claimFrom, endRows, type ImportStoreHarness, rowsOf } from './import-store-harness.ts'

const NO_FACE: RowOutcome = { kind: 'no-face' }

/** Part of the ImportStore contract: rows that are tried again. */
export function describeRetry(harness: () => ImportStoreHarness): void {
  const begin = async (): Promise<ImportId> => {
    const made = anImport()
    await harness().store.records.insert(made)
    return made.id
  }
  const claim = (id: ImportId, holder: string) => claimFrom(harness().store, { id, holder, count: 10 })
  const end = (id: ImportId, holder: string, outcomes: Readonly<Record<string, RowOutcome>>) =>
    endRows(harness().store, { id, holder, outcomes })

  describe('a retry', () => {
    it('takes back rows that failed, for another try with another image id', async () => {
      const { rows } = harness().store
      const id = await begin()
      await rows.add(id, rowsOf(['a', 'b', 'c']))
      await claim(id, 'h')
      const before = await rows.find(id, 'b')
      const failed = { kind: 'failed', why: 'too late' } as const
      await end(id, 'h', {
        a: { ...failed, isPassing: false },
        b: { ...failed, isPassing: true },
        c: NO_FACE,
      })
      expect(await rows.retry({ id, kinds: ['failed'], passingOnly: true })).toBe(1)
      const again = await claim(id, 'two')
      expect(again).toMatchObject([{ key: 'b', tries: 1, outcome: null, endedAt: null }])
      expect(again[0]?.imageId).not.toBe(before?.imageId)
      expect(await rows.retry({ id, kinds: ['failed'], passingOnly: false })).toBe(1)
    })

    it('leaves what a deletion has left of rows', async () => {
      const { rows, persons } = harness().store
      const id = await begin()
      const personId = newTestId<PersonId>()
      const person = { by: 'key', key: 'p' } as const
      await rows.add(id, [aRow({ key: 'a', person }), aRow({ key: 'b', person }), aRow({ key: 'c' })])
      await persons.bind({ id, personKey: 'key:p', personId, isMade: true })
      await claim(id, 'h')
      const failed = { kind: 'failed', why: 'too late', isPassing: true } as const
      await end(id, 'h', { a: failed, c: failed })
      await persons.erase(personId)
      expect(await rows.retry({ id, kinds: RETRYABLE_KINDS, passingOnly: false })).toBe(1)
      expect((await claim(id, 'two')).map(({ key }) => key)).toEqual(['c'])
    })

    it('takes back refused links if they are asked for, with the link and the fields of the row', async () => {
      const { rows } = harness().store
      const id = await begin()
      const link = { from: 'link', url: 'https://pictures.example/a.jpg' } as const
      await rows.add(id, [aRow({ key: 'a', name: 'Ada', picture: link }), aRow({ key: 'b' })])
      await claim(id, 'h')
      const refused = { kind: 'link-refused', why: 'address-not-allowed' } as const
      // The second one stands for a row of an older version, which kept no link.
      await end(id, 'h', { a: refused, b: refused })
      expect(await rows.retry({ id, kinds: ['failed'], passingOnly: true })).toBe(0)
      expect(await rows.retry({ id, kinds: RETRYABLE_KINDS, passingOnly: false })).toBe(1)
      const again = await claim(id, 'two')
      expect(again).toMatchObject([{ key: 'a', name: 'Ada', picture: link, outcome: null }])
    })
  })
}
