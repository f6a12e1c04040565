import { expect, it, vi } from 'vitest'
import type { ImageId } from '../ids.ts'
import { updatePerson } from '../persons/update-person.ts'
import { portsToImports } from '../ports-beside.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import type { ImportRow } from './import-row.ts'

const HOUR_MS = 3_600_000
const ada = { by: 'externalId', externalId: 'ada' } as const

it('a row whose person expires before its last step ends with them, and none does that was sent after the expiry', async () => {
  const empty = openTestGallery()
  const imports = createNaiveImportStore(empty.clock)
  const staged = createNaiveImageStore(empty.clock)
  const gallery: typeof empty = {
    ...empty,
    ...portsToImports({ imports, staged }),
  }
  const made = anImport({ policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const claim = async (key: string, name: string) => {
    await imports.rows.add(made.id, [aRow({ key, person: ada, name })])
    const newImageIds = [gallery.newId<ImageId>()]
    const [row] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 24 * HOUR_MS, newImageIds })
    return row!
  }
  const run = async (row: ImportRow, variation: number) => {
    const bytes = aPicture({ variation })
    const job = { importId: made.id, policies: made.policies, groups: [], row, threshold: 1 }
    const picture = { sent: bytes, shrunk: bytes }
    const deps = { gallery, imports, engine: createFakeFaceEngine() }
    const outcome = await enrollRow(deps, { ...job, picture }, { lane: 'bulk' })
    await imports.rows.end({ id: made.id, holder: 'h', rows: [{ ...row, outcome }] })
    return outcome
  }
  const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
  await updatePerson(gallery, { id, expireAt: gallery.clock.now() + HOUR_MS })
  const before = await claim('before', 'Ada')
  const find = imports.rows.find.bind(imports.rows)
  let after: ImportRow | null = null
  vi.spyOn(imports.rows, 'find').mockImplementationOnce(async (...given) => {
    const seen = await find(...given)
    await gallery.age(2 * HOUR_MS)
    after = await claim('after', 'Ada again')
    return seen
  })
  expect(await run(before, 0)).toMatchObject({ kind: 'failed', why: 'the person was deleted' })
  expect(await run(after!, 1)).toMatchObject({ kind: 'enrolled' })
  const { items } = await gallery.records.persons.list({ nowMs: gallery.clock.now() }, { page: 1, size: 9 })
  expect(items.map(({ name }) => name)).toEqual(['Ada again'])
  const rows = await imports.rows.list({ id: made.id, after: 0, limit: 9 })
  expect(rows.map(({ key, outcome }) => [key, outcome?.kind])).toEqual([
    ['erased:1', 'failed'],
    ['after', 'enrolled'],
  ])
})
