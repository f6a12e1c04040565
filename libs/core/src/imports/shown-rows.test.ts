import { expect, it, vi } from 'vitest'
import type { ImageId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { portsToImports } from '../ports-beside.ts'
import {
  anImport,
  aRow,
  createNaiveImageStore,
  createNaiveImportStore,
  enroll,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import type { RowDraft } from './import-row.ts'
import { showRows } from './shown-rows.ts'

const ada = { by: 'externalId', externalId: 'ada' } as const

/** An import with an ended row and a waiting one of somebody who is enrolled, in a gallery whose pictures cannot be erased. */
async function openImport() {
  const empty = openTestGallery()
  const imports = createNaiveImportStore(empty.clock)
  const staged = createNaiveImageStore(empty.clock)
  const away = () => Promise.reject(new Error('the pictures are away'))
  const gallery: typeof empty = {
    ...empty,
    pictures: Object.assign(Object.create(empty.pictures), { delete: away }),
    ...portsToImports({ imports, staged }),
  }
  const { id } = anImport()
  await imports.records.insert(anImport({ id, policies: PLAIN_POLICIES }))
  const { id: personId } = await makePerson(gallery, { externalId: 'ada' })
  await enroll(gallery, personId)
  const add = (key: string, person: RowDraft['person'] = ada) =>
    imports.rows.add(id, [aRow({ key, person, name: 'Ada' })])
  const endNext = async () => {
    const newImageIds = [gallery.newId<ImageId>()]
    const [row] = await imports.rows.claim({ id, holder: 'h', leaseMs: 60_000, newImageIds })
    await imports.rows.end({ id, holder: 'h', rows: [{ ...row!, outcome: { kind: 'no-face' } }] })
  }
  await add('ended')
  await imports.persons.bind({ id, personKey: 'externalId:ada', personId, isMade: false })
  await endNext()
  await add('waits')
  const rows = () => imports.rows.list({ id, after: 0, limit: 9 })
  const shown = async () => {
    const told = await showRows({ gallery, imports }, { id, rows: await rows() })
    return told.map(({ key, outcome }) => [key, outcome?.kind])
  }
  return { gallery, imports, id, personId, add, endNext, rows, shown }
}

it('rows of a deleted person do not wait for pictures that cannot be erased', async () => {
  const { gallery, personId, rows } = await openImport()
  await deletePerson(gallery, personId)
  expect((await rows()).map(({ key }) => key)).toEqual(['erased:1', 'erased:2'])
})

it('shows no row that will go with its person, whether or not it has ended, and each that came later', async () => {
  const { gallery, personId, add, endNext, shown } = await openImport()
  await deletePerson({ ...gallery, eraseFromImports: () => Promise.reject(new Error('away')) }, personId)
  await add('after')
  await endNext()
  await endNext()
  await add('waits after')
  expect(await shown()).toEqual([
    ['erased:1', 'no-face'],
    ['erased:2', 'no-face'],
    ['after', 'no-face'],
    ['waits after', undefined],
  ])
})

it('shows no row that waits and will go with its person', async () => {
  const { gallery, personId, shown } = await openImport()
  await deletePerson({ ...gallery, eraseFromImports: () => Promise.reject(new Error('away')) }, personId)
  expect(await shown()).toEqual([
    ['erased:1', 'no-face'],
    ['erased:2', 'failed'],
  ])
})

it('looks all persons of a page up at once, and stops with whoever asked', async () => {
  const { gallery, imports, id, add, rows } = await openImport()
  for (let i = 0; i < 50; i++) await add(`more ${i}`, { by: 'externalId', externalId: `ada ${i}` })
  const one = vi.spyOn(imports.persons, 'find')
  const many = vi.spyOn(imports.persons, 'findMany')
  const page = { id, rows: await imports.rows.list({ id, after: 0, limit: 500 }) }
  expect(await showRows({ gallery, imports }, page)).toHaveLength(52)
  expect([one.mock.calls.length, many.mock.calls.length]).toEqual([0, 1])
  const left = { signal: AbortSignal.abort(new Error('left')) }
  await expect(showRows({ gallery, imports }, { id, rows: await rows() }, left)).rejects.toThrow('left')
})
