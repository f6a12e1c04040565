import { expect, it, vi } from 'vitest'
import type { PersonId } from '../ids.ts'
import {
  anImport,
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { addRows, type IncomingRow } from './add-rows.ts'
import { erasePersonFromImports } from './erase-import.ts'

async function openImport() {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const made = anImport({ policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const deps = { gallery, imports, staged, maxStagedBytes: 1_000 }
  return { gallery, imports, staged, id: made.id, deps }
}

it('a row that is there, and goes with its person before the same one is added again, keeps its picture', async () => {
  const { gallery, imports, staged, id, deps } = await openImport()
  const person = { by: 'externalId', externalId: 'ada' } as const
  const row: IncomingRow = { key: 'a', person, picture: { bytes: new Uint8Array([1, 2]) } }
  expect(await addRows(deps, { id, rows: [row] })).toMatchObject({ rows: ['added'] })
  const known = imports.rows.known.bind(imports.rows)
  vi.spyOn(imports.rows, 'known').mockImplementation(async (...asked) => {
    const keys = await known(...asked)
    const personId = gallery.newId<PersonId>()
    await imports.persons.seal({ personId, personKey: 'externalId:ada' })
    await imports.persons.erase(personId)
    return keys
  })
  expect(await addRows(deps, { id, rows: [row] })).toMatchObject({ rows: ['added'] })
  const now = await imports.rows.find(id, 'a')
  if (now?.picture?.from !== 'staged') return expect.fail('the row has no picture')
  expect(await staged.get(now.picture.stagedId)).toEqual(new Uint8Array([1, 2]))
})

it('a row that is there, and goes before the same one is added again, has its picture staged before it is added', async () => {
  const { gallery, imports, staged, id, deps } = await openImport()
  const person = { by: 'externalId', externalId: 'ada' } as const
  const row: IncomingRow = { key: 'a', person, picture: { bytes: new Uint8Array([1, 2]) } }
  await addRows(deps, { id, rows: [row] })
  const known = imports.rows.known.bind(imports.rows)
  vi.spyOn(imports.rows, 'known').mockImplementationOnce(async (...asked) => {
    const keys = await known(...asked)
    const personId = gallery.newId<PersonId>()
    await imports.persons.seal({ personId, personKey: 'externalId:ada' })
    await imports.persons.erase(personId)
    return keys
  })
  vi.spyOn(staged, 'put').mockRejectedValueOnce(new Error('no room for the picture'))
  await expect(addRows(deps, { id, rows: [row] })).rejects.toThrow('no room')
  expect(await imports.rows.find(id, 'a')).toBeNull()
  expect(await addRows(deps, { id, rows: [row] })).toMatchObject({ rows: ['added'] })
})

it('a row that is there stages nothing, and has nothing removed', async () => {
  const { staged, id, deps } = await openImport()
  const row: IncomingRow = {
    key: 'a',
    person: { by: 'key', key: 'a' },
    picture: { bytes: new Uint8Array([1]) },
  }
  await addRows(deps, { id, rows: [row] })
  const [put, remove] = [vi.spyOn(staged, 'put'), vi.spyOn(staged, 'delete')]
  expect(await addRows(deps, { id, rows: [row] })).toMatchObject({ rows: ['known'] })
  expect([put.mock.calls, remove.mock.calls]).toEqual([[], []])
})

it('a row that lost its key right before it was added again, and goes with its person at once, leaves no picture', async () => {
  const { gallery, imports, staged, id, deps } = await openImport()
  const person = { by: 'externalId', externalId: 'ada' } as const
  const row: IncomingRow = { key: 'a', person, picture: { bytes: new Uint8Array([1, 2]) } }
  await addRows(deps, { id, rows: [row] })
  const erase = async () => {
    const personId = gallery.newId<PersonId>()
    await imports.persons.seal({ personId, personKey: 'externalId:ada' })
    await erasePersonFromImports({ imports, staged }, personId)
  }
  const add = imports.rows.add.bind(imports.rows)
  vi.spyOn(imports.rows, 'add').mockImplementationOnce(async (...given) => {
    await erase()
    const added = await add(...given)
    await erase()
    return added
  })
  await addRows(deps, { id, rows: [row] })
  expect(await staged.list({ after: null, limit: 9, untouchedMs: 0 })).toEqual([])
})

it('a row whose key is there with other contents is in the report once where that is to be told, and leaves no picture', async () => {
  const { imports, staged, id, deps } = await openImport()
  const ended: string[] = []
  const told = { ...deps, onRow: (kind: string) => void ended.push(kind) }
  const person = { by: 'externalId', externalId: 'ada' } as const
  const row = (byte: number): IncomingRow => ({
    ...{ key: 'a', person, name: `Ada ${byte}`, picture: { bytes: new Uint8Array([byte]) } },
  })
  await addRows(deps, { id, rows: [row(1)] })
  expect(await addRows(told, { id, rows: [row(2)] })).toMatchObject({ rows: ['conflict'] })
  expect(await imports.rows.list({ id, after: 0, limit: 9 })).toHaveLength(1)
  const put = vi.spyOn(staged, 'put')
  for (const _ of ['read', 'read again after a crash'])
    expect(await addRows(told, { id, rows: [row(2), row(3), row(2)], tellsConflicts: true })).toMatchObject({
      rows: ['conflict', 'conflict', 'conflict'],
      keys: [expect.stringMatching(/^a-[0-9a-f]{12}$/), expect.any(String), expect.any(String)],
    })
  const rows = await imports.rows.list({ id, after: 0, limit: 9 })
  const outcome = { kind: 'invalid', field: 'key', why: 'is there with other contents' }
  expect(rows).toMatchObject([
    { key: 'a', name: 'Ada 1', outcome: null },
    ...[1, 2].map(() => ({ key: expect.stringMatching(/^a-/), person, picture: null, outcome })),
  ])
  for (const one of rows.slice(1)) expect(one).not.toHaveProperty('name')
  expect(ended).toEqual(['invalid', 'invalid'])
  expect((await imports.rows.count(id)).stagedBytes).toBe(1)
  expect(put).not.toHaveBeenCalled()
})
