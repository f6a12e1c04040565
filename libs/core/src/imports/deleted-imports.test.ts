import { describe, expect, it, vi } from 'vitest'
import type { ImportId, PersonId } from '../ids.ts'
import { createPerson } from '../persons/create-person.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { countMadePersons, deleteImportWithPersons } from './delete-import.ts'
import { personKeyOf } from './import-row.ts'
import { changeImport } from './manage-imports.ts'
import type { RowOutcome } from './row-outcome.ts'

const enrolled: RowOutcome = { kind: 'no-face' }

describe('an importer', () => {
  it('deletes the persons of an import before it, and goes on after a process that died over them', async () => {
    const { start, begin, imports, gallery } = importerInstallation()
    const id = await begin(1)
    const made = Array.from({ length: 250 }, () => crypto.randomUUID() as PersonId)
    const [kept] = made
    for (const [i, personId] of made.entries()) {
      const draft = { id: personId, name: '', metadata: '{}', expireAt: null, externalId: null, groups: [] }
      // Some were never written.
      if (i % 2 === 0) await createPerson(gallery, draft)
      await imports.persons.bind({ id, personKey: `key:${i}`, personId, isMade: i > 0 })
    }
    const deps = { gallery, imports }
    expect(await countMadePersons(deps, id)).toBe(124)
    expect(await deleteImportWithPersons(deps, { id, count: 124 })).toMatchObject({ outcome: 'not-ended' })
    await imports.records.update({ id, rev: 1 }, { state: 'cancelled', updatedAt: 1 })
    expect(await deleteImportWithPersons(deps, { id, count: 125 })).toMatchObject({ persons: 124 })
    expect(await deleteImportWithPersons(deps, { id, count: 124 })).toEqual({ outcome: 'deleting' })
    // Whoever asked for it can follow it: these are still there.
    expect(await countMadePersons(deps, id)).toBe(124)
    const first = start(async () => enrolled)
    await expect
      .poll(async () => (await imports.persons.listMade({ id, after: null, limit: 999 })).length)
      .toBeLessThan(249)
    await first.stop()
    start(async () => enrolled)
    await expect.poll(() => imports.records.find(id), { timeout: 5_000 }).toBeNull()
    expect(await countMadePersons(deps, id)).toBeNull()
    const there = await gallery.records.persons.findMany(made)
    expect(there.filter(({ state }) => state === 'live').map((person) => person.id)).toEqual([kept])
  })

  it.each([
    'with its persons',
    'alone',
  ])('deletes nobody whom another import was to make, too, when that one is deleted %s meanwhile', async (how) => {
    const { start, begin, imports, gallery } = importerInstallation()
    const ids = [await begin(1), await begin(1)]
    const [first, second, both] = Array.from({ length: 3 }, () => crypto.randomUUID() as PersonId)
    const persons = [first!, second!, both!]
    for (const id of persons) {
      const draft = { id, name: '', metadata: '{}', expireAt: null, externalId: null, groups: [] }
      await createPerson(gallery, draft)
    }
    for (const [i, id] of ids.entries()) {
      for (const personId of [persons[i]!, both!])
        await imports.persons.bind({
          id,
          personKey: personKeyOf({ by: 'id', id: personId }),
          personId,
          isMade: true,
        })
      await imports.records.update({ id, rev: 1 }, { state: 'done', updatedAt: 1 })
    }
    const [one, other] = ids as [ImportId, ImportId]
    const deps = { gallery, imports }
    expect(await deleteImportWithPersons(deps, { id: other, count: 1 })).toEqual({ outcome: 'deleting' })
    if (how === 'alone') await changeImport(deps, { id: one, action: 'delete' })
    else expect(await deleteImportWithPersons(deps, { id: one, count: 1 })).toEqual({ outcome: 'deleting' })
    start(async () => enrolled)
    for (const id of ids) await expect.poll(() => imports.records.find(id), { timeout: 5_000 }).toBeNull()
    const left = (await gallery.records.persons.findMany(persons)).filter(({ state }) => state === 'live')
    expect(new Set(left.map(({ id }) => id))).toEqual(new Set(how === 'alone' ? [first, both] : [both]))
  })

  it('does not look again and again at persons who are deleted, or stay', async () => {
    const { start, begin, imports } = importerInstallation()
    const id = await begin(0)
    const made = Array.from({ length: 250 }, () => crypto.randomUUID() as PersonId).toSorted()
    for (const personId of made)
      await imports.persons.bind({ id, personKey: personId, personId, isMade: true })
    const listMade = vi.spyOn(imports.persons, 'listMade')
    const changes = { state: 'deleting', erasesPersons: true, updatedAt: 1 } as const
    await imports.records.update({ id, rev: 1 }, changes)
    start(async () => enrolled)
    await expect.poll(() => imports.records.find(id), { timeout: 5_000 }).toBeNull()
    // At the end once more from the first one on.
    expect(listMade.mock.calls.map(([{ after }]) => after)).toEqual([null, made[99], made[199], null])
  })
})
