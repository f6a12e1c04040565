import type { ImageId, PersonId } from '@semblance/core'
import { anImport, aRow, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import { claimFrom, type ImportStoreHarness, LEASE_MS } from './import-store-harness.ts'

/** Part of the ImportStore contract: a key that a row lost with its person, and that another row has by now. */
export function describeReusedKeys(harness: () => ImportStoreHarness): void {
  /** The first row, whose holder knows nothing of it, lost its key to the second one, which the same holder has claimed. */
  const begin = async () => {
    const { store } = harness()
    const { id } = anImport()
    await store.records.insert(anImport({ id }))
    const person = { by: 'externalId', externalId: 'ada' } as const
    const personId = newTestId<PersonId>()
    await store.rows.add(id, [aRow({ key: 'k', person })])
    const [lost] = await claimFrom(store, { id, holder: 'h', count: 1 })
    await store.persons.bind({ id, personKey: 'externalId:ada', personId, isMade: false })
    await store.persons.erase(personId)
    await store.rows.add(id, [aRow({ key: 'k', person })])
    const [row] = await claimFrom(store, { id, holder: 'h', count: 1 })
    const now = () => store.rows.find(id, 'k')
    return { rows: store.rows, id, lost: lost!, row: row!, now }
  }

  describe('a key that was free again since its person was deleted', () => {
    it('gives the row that has it now no outcome of the one that lost it', async () => {
      const { rows, id, lost, row, now } = await begin()
      const failed = { kind: 'failed', why: 'the person was deleted', isPassing: false } as const
      const late = { key: lost.key, position: lost.position, outcome: failed }
      expect(await rows.end({ id, holder: 'h', rows: [late] })).toEqual([])
      expect(await now()).toEqual(row)
      // Both may be told in one call.
      const own = { key: row.key, position: row.position, outcome: { kind: 'no-face' } as const }
      expect(await rows.end({ id, holder: 'h', rows: [late, own] })).toEqual([row.position])
      expect(await now()).toMatchObject({ outcome: { kind: 'no-face' } })
      expect(await rows.find(id, 'erased:1')).toMatchObject({ outcome: failed, tries: 1 })
    })

    it('leaves its image id, its digest and its claim alone', async () => {
      const { rows, id, lost, row, now } = await begin()
      const { key, position } = lost
      await rows.renewImageId({ id, holder: 'h', key, position, imageId: newTestId<ImageId>() })
      await rows.setPictureSha256({ id, key, position, sha256: 'ab' })
      const late = { id, holder: 'h', rows: [{ key, position }] }
      await rows.release(late)
      expect(await rows.extend({ ...late, leaseMs: LEASE_MS })).toEqual([])
      expect(await now()).toEqual(row)
      expect(await claimFrom(harness().store, { id, holder: 'other', count: 1 })).toEqual([])
      expect(await rows.find(id, 'erased:1')).toMatchObject({ imageId: null, pictureSha256: null })
    })
  })
}
