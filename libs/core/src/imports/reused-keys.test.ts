import { expect, it } from 'vitest'
import type { PersonId } from '../ids.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImport, aRow, PLAIN_POLICIES } from '../testing/index.ts'
import { PERSON_DELETED } from './row-outcome.ts'

it('a row that has the key of one whose person was deleted does not end as that one, while this process claims it', async () => {
  const { gallery, imports, start } = importerInstallation()
  const { id } = anImport()
  await imports.records.insert(anImport({ id, state: 'running', policies: PLAIN_POLICIES }))
  const draft = aRow({ key: 'k', person: { by: 'externalId', externalId: 'ada' } })
  await imports.rows.add(id, [draft])
  const [claimed, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { claim, end } = imports.rows
  Object.assign(imports.rows, {
    // The answer comes late, when the outcome of the first row has been written.
    claim: async (...given: Parameters<typeof claim>) => {
      const rows = await claim(...given)
      if (!rows.some(({ position }) => position === 2)) return rows
      claimed.resolve()
      await ended.promise
      return rows
    },
    end: async (...given: Parameters<typeof end>) => {
      const positions = await end(...given)
      ended.resolve()
      return positions
    },
  })
  const personId = gallery.newId<PersonId>()
  await imports.persons.bind({ id, personKey: 'externalId:ada', personId, isMade: false })
  start(async ({ row }) => {
    if (row.position !== 1) return { kind: 'no-face' }
    await imports.persons.erase(personId)
    await imports.rows.add(id, [draft])
    await claimed.promise
    return { ...PERSON_DELETED }
  })
  const outcome = async () => (await imports.rows.find(id, 'k'))?.outcome ?? null
  await expect.poll(outcome, { timeout: 5_000 }).not.toBeNull()
  expect(await outcome()).toEqual({ kind: 'no-face' })
  expect(await imports.rows.find(id, 'erased:1')).toMatchObject({ outcome: PERSON_DELETED })
})
