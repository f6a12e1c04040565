import {
  deletePerson,
  enrollRow,
  type ImageId,
  type ImportRow,
  portsToImports,
  storeUnavailable,
} from '@semblance/core'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  type FakeScene,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
  reconcileUntilSettled,
} from '@semblance/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { type ImportStoreHarness, LEASE_MS } from './import-store-harness.ts'
import { describeLateBindings } from './late-bindings-contract.ts'
import { describeOtherPersons } from './other-persons-contract.ts'
import { rowByRow } from './row-by-row.ts'

const ada = { by: 'externalId', externalId: 'ada' } as const

/** Part of the ImportStore contract: what becomes of rows whose person goes, by the use cases that work on them. */
export function describeGoingPersons(harness: () => ImportStoreHarness): void {
  /** An import of which each row is done as it is asked for, in a gallery of its own. */
  const begin = async () => {
    const { store: imports } = harness()
    const empty = openTestGallery()
    const staged = createNaiveImageStore(empty.clock)
    const gallery: typeof empty = {
      ...empty,
      ...portsToImports({ imports, staged }),
    }
    const { id, groups } = anImport()
    await imports.records.insert(anImport({ id, policies: PLAIN_POLICIES }))
    const run = async (row: ImportRow, scene: Partial<FakeScene>) => {
      const bytes = aPicture(scene)
      const picture = { sent: bytes, shrunk: bytes }
      const job = { importId: id, policies: PLAIN_POLICIES, groups, row, picture, threshold: 1 }
      const deps = { gallery, imports, engine: createFakeFaceEngine() }
      const outcome = await enrollRow(deps, job, { lane: 'bulk' })
      await imports.rows.end({ id, holder: 'h', rows: [{ key: row.key, position: row.position, outcome }] })
      return outcome.kind
    }
    const claim = (count: number) => {
      const newImageIds = Array.from({ length: count }, () => gallery.newId<ImageId>())
      return imports.rows.claim({ id, holder: 'h', leaseMs: LEASE_MS, newImageIds })
    }
    return { gallery, imports, id, claim, run }
  }

  describeLateBindings(harness)
  describeOtherPersons(harness)

  describe('rows of a person who is deleted', () => {
    it.each([
      'nobody',
      'that person',
    ])('end with them, and those sent after the mark make them anew (the import means %s before)', async (whom) => {
      const { gallery, imports, id, claim, run } = await begin()
      const { id: personId } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
      if (whom !== 'nobody')
        await imports.persons.bind({ id, personKey: 'externalId:ada', personId, isMade: true })
      const drafts = ['1', '2', '3', '4'].map((key) => aRow({ key, person: ada, name: `Ada ${key}` }))
      await imports.rows.add(id, drafts.slice(0, 2))
      // Whoever deletes the person dies right after the mark.
      const dying = { ...gallery, background: { begin: async () => {} } } as unknown as typeof gallery
      await deletePerson(dying, personId)
      await imports.rows.add(id, drafts.slice(2))
      const rows = await claim(4)
      const runs = rows.map((row, i) => () => run(row, { variation: i }))
      const kinds = [await runs[2]!(), await runs[0]!()]
      await gallery.eraseFromImports?.(personId)
      kinds.push(await runs[1]!(), await runs[3]!())
      expect(kinds).toEqual(['enrolled', 'failed', 'failed', 'enrolled'])
      const report = await imports.rows.list({ id, after: 0, limit: 9 })
      expect(report.map(({ key, outcome }) => [key, outcome?.kind])).toEqual([
        ['erased:1', 'failed'],
        ['erased:2', 'failed'],
        ['3', 'enrolled'],
        ['4', 'enrolled'],
      ])
      const { items } = await gallery.records.persons.list(
        { nowMs: gallery.clock.now() },
        { page: 1, size: 9 },
      )
      expect(items.map(({ name }) => name)).toEqual(['Ada 3'])
      expect(await gallery.records.images.listIds(items[0]!.id)).toHaveLength(2)
      expect(await imports.persons.find(id, 'externalId:ada')).toMatchObject({ personId: items[0]!.id })
    })

    it.each([
      'the process died',
      'the store was away',
    ])('go with them, though they came right before the mark, and %s right after it', async (what) => {
      const { gallery, claim, run, left } = await rowByRow(harness())
      const { id: personId } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
      const { persons } = gallery.records
      const update = persons.update.bind(persons)
      const dies = vi.spyOn(persons, 'update').mockImplementation(async (...change) => {
        const updated = await update(...change)
        if (updated?.state !== 'deleting' || what !== 'the process died') return updated
        dies.mockRestore()
        throw new Error('the process died here')
      })
      let isAway = false
      const bindInImports: typeof gallery.bindInImports = async (...going) => {
        if (isAway) throw storeUnavailable(null)
        isAway = what !== 'the process died'
        const others = await gallery.bindInImports?.(...going)
        expect(await run(await claim('enrolled'))).toBe('enrolled')
        expect(await run(await claim('refused'), { identities: [] })).toBe('no-face')
        await harness().age(5)
        return others ?? []
      }
      const deleting = deletePerson({ ...gallery, bindInImports }, personId)
      if (what === 'the process died') await expect(deleting).rejects.toThrow('died')
      else expect(await deleting).toEqual({ outcome: 'deleted' })
      await harness().age(5)
      const after = await claim('after')
      await reconcileUntilSettled(gallery, true)
      expect(await run(after)).toBe('enrolled')
      const { rows, names } = await left()
      expect(rows.map(([key]) => key)).toEqual(['erased:1', 'erased:2', 'after'])
      expect(names).toEqual(['Ada after'])
    })

    it('leave nothing of whom a row that was under way would have made', async () => {
      const { gallery, imports, id, claim, run } = await begin()
      const { id: personId } = await makePerson(gallery, { externalId: 'ada' })
      await imports.rows.add(id, [aRow({ key: '1', person: ada })])
      const [row] = await claim(1)
      await deletePerson(gallery, personId)
      expect(await run(row!, {})).toBe('failed')
      expect(await imports.persons.find(id, 'externalId:ada')).toBeNull()
      expect((await gallery.records.countEnrolled()).persons).toBe(0)
    })
  })
}
