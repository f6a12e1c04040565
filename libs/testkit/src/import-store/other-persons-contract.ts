import { deletePerson } from '@semblance/core'
import { makePerson } from '@semblance/core/testing'
import { describe, expect, it, vi } from 'vitest'
import type { ImportStoreHarness } from './import-store-harness.ts'
import { rowByRow } from './row-by-row.ts'

const NOBODY = { names: [], isBound: false }

/**
 * Part of the ImportStore contract: somebody who came by another way than the import, whose first row was to make them and made
 * nobody, or which is a dry run.
 */
export function describeOtherPersons(harness: () => ImportStoreHarness): void {
  describe('a person who came by another way, and is deleted', () => {
    it('takes all rows along that mean them, those that wait included', async () => {
      const { gallery, claim, run, left } = await rowByRow(harness())
      expect(await run(await claim('1'), { identities: [] })).toBe('no-face')
      const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
      expect(await run(await claim('2'))).toBe('enrolled')
      await claim('3')
      await deletePerson(gallery, id)
      expect(await left()).toEqual({
        rows: [
          ['erased:1', 'no-face'],
          ['erased:2', 'enrolled'],
          ['erased:3', 'failed'],
        ],
        ...NOBODY,
      })
    })

    it('takes all rows along though none has met them', async () => {
      const { gallery, claim, run, left } = await rowByRow(harness())
      expect(await run(await claim('1'), { identities: [] })).toBe('no-face')
      const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
      await claim('2')
      await deletePerson(gallery, id)
      expect(await left()).toEqual({
        rows: [
          ['erased:1', 'no-face'],
          ['erased:2', 'failed'],
        ],
        ...NOBODY,
      })
    })

    it('does not come back through a row that was about to make them under another id', async () => {
      const { gallery, imports, claim, run, left } = await rowByRow(harness())
      const row = await claim('1')
      const find = imports.rows.find.bind(imports.rows)
      // Whom the row makes has been settled; its last look at itself comes before the deletion.
      const finds = vi.spyOn(imports.rows, 'find')
      finds.mockImplementationOnce(find).mockImplementationOnce(async (...given) => {
        const seen = await find(...given)
        const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
        await deletePerson(gallery, id)
        return seen
      })
      expect(await run(row)).toBe('failed')
      expect(await left()).toEqual({ rows: [['erased:1', 'failed']], ...NOBODY })
    })

    it('leaves the rows to whoever the import has made by then', async () => {
      const { gallery, imports, id, claim, run, left } = await rowByRow(harness())
      expect(await run(await claim('1'))).toBe('enrolled')
      const { personId } = (await imports.persons.find(id, 'externalId:ada'))!
      const { rev } = (await gallery.records.persons.find(personId))!
      await gallery.records.persons.update({ id: personId, rev }, { externalId: 'countess' })
      const other = await makePerson(gallery, { externalId: 'ada', name: 'Another' })
      await deletePerson(gallery, other.id)
      expect(await run(await claim('2'), { variation: 1 })).toBe('enrolled')
      expect(await left()).toEqual({
        rows: [
          ['1', 'enrolled'],
          ['2', 'enrolled'],
        ],
        names: ['Ada 1'],
        isBound: true,
      })
    })

    it('takes all rows of a dry run along, though their external id is another one by then', async () => {
      const { gallery, claim, run, left, imports, id } = await rowByRow(harness(), { dryRun: true })
      const ada = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
      expect(await run(await claim('1'))).toBe('enrolled')
      const { rev } = (await gallery.records.persons.find(ada.id))!
      await gallery.records.persons.update({ id: ada.id, rev }, { externalId: 'countess' })
      await deletePerson(gallery, ada.id)
      expect(await left()).toEqual({ rows: [['erased:1', 'enrolled']], ...NOBODY })
      expect(JSON.stringify(await imports.rows.list({ id, after: 0, limit: 9 }))).not.toContain(ada.id)
    })

    it('has the row that was about to make them under another id', async () => {
      const { gallery, imports, claim, enroll, run, left } = await rowByRow(harness())
      const [first, second] = [await claim('1'), await claim('2')]
      const find = imports.rows.find.bind(imports.rows)
      // The first row has settled by then whom it makes.
      vi.spyOn(imports.rows, 'find').mockImplementationOnce(async (...given) => {
        const seen = await find(...given)
        await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
        expect(await run(second)).toBe('enrolled')
        return seen
      })
      expect(await enroll(first)).toMatchObject({ kind: 'failed', isPassing: true })
      expect(await run(first, { variation: 1 })).toBe('enrolled')
      expect(await left()).toMatchObject({ names: ['Ada'], isBound: true })
    })
  })
}
