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
    const erasures: (() => Promise<void>)[] = []
    /** The gallery, where a deletion is answered, and what it erases waits for `eraseNow`. */
    const background = {
      begin: async (work: (waiting: object) => Promise<void>) => void erasures.push(() => work({})),
    }
    const erasedLater = { ...rows.gallery, background } as unknown as typeof rows.gallery
    const eraseNow = async () => {
      for (const erase of erasures) await erase()
    }
    return { ...rows, personId, erasedLater, eraseNow }
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
      ['goes on', 'not there yet'],
      ['refuses the picture', 'not there yet'],
      ['dies', 'not there yet'],
    ])('though a slow worker that had found them binds the key then, and %s (the tombstone is %s)', async (how, tombstone) => {
      const { gallery, imports, personId, claim, run, left, erasedLater, eraseNow } = await begin()
      const before = await claim('before')
      const bind = imports.persons.bind.bind(imports.persons)
      let after: ImportRow | null = null
      vi.spyOn(imports.persons, 'bind').mockImplementationOnce(async (given) => {
        if (tombstone === 'not there yet') {
          await deletePerson(erasedLater, personId)
          await gallery.eraseFromImports?.(personId)
        } else await deletePerson(gallery, personId)
        after = await claim('after')
        const bound = await bind(given)
        if (how === 'dies') throw new Error('killed')
        return bound
      })
      const kind = await run(before, how === 'refuses the picture' ? { identities: [] } : {}).catch(() => how)
      expect(kind).toBe(how === 'dies' ? 'dies' : 'failed')
      if (tombstone === 'forgotten') await gallery.records.overdue.forget({ kind: 'person', id: personId })
      expect(await run(after!)).toBe('enrolled')
      await eraseNow()
      expect(await left()).toEqual(MADE_ANEW)
    })

    it.each([
      'there',
      'not there yet',
    ])('though a second deletion, which had found them, comes to its first step then (the tombstone is %s)', async (tombstone) => {
      const { gallery, imports, personId, claim, run, left, erasedLater, eraseNow } = await begin()
      await claim('before')
      let after: ImportRow | null = null
      const slow: typeof gallery = {
        ...gallery,
        bindInImports: async (going) => {
          if (after === null) {
            await deletePerson(tombstone === 'there' ? gallery : erasedLater, personId)
            after = await claim('after')
          }
          return bindPersonInImports({ imports }, going)
        },
      }
      expect(await deletePerson(slow, personId)).toEqual({ outcome: 'person-not-found' })
      expect(await run(after!)).toBe('enrolled')
      await eraseNow()
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
