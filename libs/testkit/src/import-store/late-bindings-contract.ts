import { bindPersonInImports, deletePerson, type ImportRow } from '@semblance/core'
import { makePerson } from '@semblance/core/testing'
import { describe, expect, it, vi } from 'vitest'
import type { ImportStoreHarness } from './import-store-harness.ts'
import { rowByRow } from './row-by-row.ts'

/** Part of the ImportStore contract: rows that came after a deletion, where somebody who was slow means the person still. */
export function describeLateBindings(harness: () => ImportStoreHarness): void {
  /** An import, and the person whom its rows name. */
  const begin = async () => {
    const rows = await rowByRow(harness())
    const { id: personId } = await makePerson(rows.gallery, { externalId: 'ada', name: 'Ada' })
    return { ...rows, personId }
  }
  const MADE_ANEW = {
    rows: [
      ['erased:1', 'failed'],
      ['after', 'enrolled'],
    ],
    names: ['Ada after'],
    isBound: true,
  }

  describe('a row that was sent after its person was deleted makes them anew', () => {
    it.each([
      ['goes on', 'there'],
      ['refuses the picture', 'there'],
      ['dies', 'there'],
      ['dies', 'forgotten'],
    ])('though a slow worker that had found them binds the key then, and %s (the tombstone is %s)', async (how, tombstone) => {
      const { gallery, imports, personId, claim, run, left } = await begin()
      const before = await claim('before')
      const bind = imports.persons.bind.bind(imports.persons)
      let after: ImportRow | null = null
      vi.spyOn(imports.persons, 'bind').mockImplementationOnce(async (given) => {
        await deletePerson(gallery, personId)
        after = await claim('after')
        const bound = await bind(given)
        if (how === 'dies') throw new Error('killed')
        return bound
      })
      const kind = await run(before, how === 'refuses the picture' ? { identities: [] } : {}).catch(() => how)
      expect(kind).toBe(how === 'dies' ? 'dies' : 'failed')
      if (tombstone === 'forgotten') await gallery.records.overdue.forget({ kind: 'person', id: personId })
      expect(await run(after!)).toBe('enrolled')
      expect(await left()).toEqual(MADE_ANEW)
    })

    it('though a second deletion, which had found them, comes to its first step then', async () => {
      const { gallery, imports, personId, claim, run, left } = await begin()
      await claim('before')
      let after: ImportRow | null = null
      const slow: typeof gallery = {
        ...gallery,
        bindInImports: async (going) => {
          if (after === null) {
            await deletePerson(gallery, personId)
            after = await claim('after')
          }
          await bindPersonInImports({ imports }, going)
        },
      }
      expect(await deletePerson(slow, personId)).toEqual({ outcome: 'person-not-found' })
      expect(await run(after!)).toBe('enrolled')
      expect(await left()).toEqual(MADE_ANEW)
    })

    it.each([
      'was made',
      'is to be made',
    ])('though a row of before them finds out at its last step, when whoever it means now %s', async (whoever) => {
      const { gallery, imports, personId, claim, run, left } = await begin()
      const before = await claim('before')
      const find = imports.rows.find.bind(imports.rows)
      let after: ImportRow | null = null
      vi.spyOn(imports.rows, 'find').mockImplementationOnce(async (...given) => {
        const seen = await find(...given)
        await deletePerson(gallery, personId)
        after = await claim('after')
        // A picture without a face makes nobody, and the key is bound to whom the next one makes.
        if (whoever === 'was made') await run(after)
        else await run(await claim('no face'), { identities: [] })
        return seen
      })
      expect(await run(before, { variation: 1 })).toBe('failed')
      if (whoever !== 'was made') expect(await run(after!)).toBe('enrolled')
      const { rows, ...others } = await left()
      expect(rows.slice(0, 2)).toEqual(MADE_ANEW.rows)
      expect(others).toEqual({ names: MADE_ANEW.names, isBound: true })
    })
  })
}
