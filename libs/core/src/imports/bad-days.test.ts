import { v7 } from 'uuid'
import { describe, expect, it, vi } from 'vitest'
import type { ImageId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import type { Person } from '../persons/person.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  type FakeScene,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import { bindPersonInImports, erasePersonFromImports } from './erase-import.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'

const HOUR_MS = 3_600_000
/** A tombstone is forgotten after 24 h, and an id that is older can make nobody. */
const LONGER_THAN_TOMBSTONES_MS = 30 * HOUR_MS
const ada = { by: 'externalId', externalId: 'ada' } as const

/** An import, and what becomes of its rows one by one. */
async function begin(given: Partial<ImportPolicies> = {}) {
  const empty = openTestGallery()
  const imports = createNaiveImportStore(empty.clock)
  const staged = createNaiveImageStore(empty.clock)
  const gallery = {
    ...empty,
    bindInImports: (person: Pick<Person, 'id' | 'externalId'>) => bindPersonInImports({ imports }, person),
    eraseFromImports: (id: PersonId) => erasePersonFromImports({ imports, staged }, id),
  }
  const policies = { ...PLAIN_POLICIES, ...given }
  const made = anImport({ policies })
  await imports.records.insert(made)
  const claim = async (draft: Partial<RowDraft>) => {
    await imports.rows.add(made.id, [aRow(draft)])
    const newImageIds = [gallery.newId<ImageId>()]
    const [row] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
    if (row === undefined) throw new Error('nothing to claim')
    return row
  }
  const run = async (row: Awaited<ReturnType<typeof claim>>, scene: Partial<FakeScene> = {}) => {
    const bytes = aPicture(scene)
    const picture = { sent: bytes, shrunk: bytes }
    const job = { importId: made.id, policies, groups: made.groups, row, picture, threshold: 1 }
    const deps = { gallery, imports, engine: createFakeFaceEngine() }
    const outcome = await enrollRow(deps, job, { lane: 'bulk' })
    await imports.rows.end({ id: made.id, holder: 'h', rows: [{ key: row.key, outcome }] })
    return outcome
  }
  const take = async (draft: Partial<RowDraft>, scene: Partial<FakeScene> = {}) =>
    run(await claim(draft), scene)
  const namesOf = async () => {
    const { items } = await gallery.records.persons.list(
      { nowMs: gallery.clock.now() },
      { page: 1, size: 100 },
    )
    return items.map(({ name }) => name)
  }
  return { gallery, imports, staged, made, claim, run, take, namesOf }
}

describe('a person in two rows with different names', () => {
  it.each([
    { onConflict: 'keep', name: 'Ada' },
    { onConflict: 'update', name: 'Countess' },
  ] as const)('is one person, called $name under "$onConflict"', async ({ onConflict, name }) => {
    const { take, namesOf } = await begin({ onConflict })
    const first = await take({ person: ada, name: 'Ada' })
    const second = await take({ person: ada, name: 'Countess' }, { variation: 1 })
    expect(second).toMatchObject({ kind: 'enrolled', personId: (first as { personId: PersonId }).personId })
    expect(await namesOf()).toEqual([name])
  })
})

describe('a person who is deleted while rows of theirs run', () => {
  it('stays deleted: the row under way fails', async () => {
    const { take, claim, run, gallery, namesOf } = await begin()
    const { personId } = (await take({ person: ada, name: 'Ada' })) as { personId: PersonId }
    const underWay = await claim({ person: { by: 'id', id: personId }, name: 'Ada' })
    await deletePerson(gallery, personId)
    const outcome = await run(underWay, { variation: 1 })
    expect(outcome).toMatchObject({ kind: 'failed', isPassing: false, why: 'the person was deleted' })
    expect(await namesOf()).toEqual([])
  })

  it('leaves nothing in a row that was bound to them right after', async () => {
    const { claim, run, gallery, imports, made } = await begin()
    const { id } = await makePerson(gallery, { externalId: 'ada' })
    const row = await claim({ person: ada, name: 'Ada' })
    const bind = imports.persons.bind.bind(imports.persons)
    vi.spyOn(imports.persons, 'bind').mockImplementation(async (binding) => {
      await deletePerson(gallery, id)
      return bind(binding)
    })
    expect(await run(row)).toMatchObject({ kind: 'failed', why: 'the person was deleted' })
    expect(await imports.rows.find(made.id, row.key)).toBeNull()
  })
})

describe('a person whose external id is named by rows of an import that never met them', () => {
  const waiting = async () => {
    const begun = await begin()
    const { gallery, imports, staged, made } = begun
    const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    const stagedId = gallery.newId<ImageId>()
    await staged.put(stagedId, new Uint8Array([1]))
    await imports.rows.add(made.id, [
      aRow({ key: 'ada/1', person: ada, name: 'Ada', picture: { from: 'staged', stagedId, bytes: 1 } }),
      aRow({ key: 'bob/1', person: { by: 'externalId', externalId: 'bob' } }),
    ])
    const left = async () => ({
      rows: (await imports.rows.list({ id: made.id, after: 0, limit: 9 })).map((row) => [
        row.key,
        row.outcome?.kind,
      ]),
      picture: await staged.get(stagedId),
      bound: await imports.persons.find(made.id, 'externalId:ada'),
    })
    return { ...begun, id, left }
  }
  const GONE = {
    rows: [
      ['erased:1', 'failed'],
      ['bob/1', undefined],
    ],
    picture: null,
    bound: null,
  }

  it('stays deleted, and their rows and pictures go', async () => {
    const { gallery, id, left } = await waiting()
    await deletePerson(gallery, id)
    expect(await left()).toEqual(GONE)
  })

  it('stays deleted where the process died right after the mark, and a row ran before the next one went on', async () => {
    const { gallery, imports, made, id, left, run, namesOf } = await waiting()
    const dying = { ...gallery, background: { begin: async () => {} } } as unknown as typeof gallery
    await deletePerson(dying, id)
    const claim = { id: made.id, holder: 'h', leaseMs: 60_000, newImageIds: [gallery.newId<ImageId>()] }
    const [row] = await imports.rows.claim(claim)
    expect(await run(row!)).toMatchObject({ kind: 'failed', why: 'the person was deleted' })
    expect(await namesOf()).toEqual([])
    await reconcile(gallery, { waitsForOthers: false })
    expect(await left()).toEqual(GONE)
  })

  it('stays deleted where a row was under way before, and finds nobody since', async () => {
    const { gallery, imports, made, id, run, namesOf } = await waiting()
    const claim = { id: made.id, holder: 'h', leaseMs: 60_000, newImageIds: [gallery.newId<ImageId>()] }
    const [row] = await imports.rows.claim(claim)
    await deletePerson(gallery, id)
    expect(await run(row!)).toMatchObject({ kind: 'failed', why: 'the person was deleted' })
    expect(await namesOf()).toEqual([])
    expect(await imports.persons.find(made.id, 'externalId:ada')).toBeNull()
  })

  it('ends no row that is sent once they are deleted, however late the erasure comes', async () => {
    const { gallery, imports, id } = await waiting()
    const dying = { ...gallery, background: { begin: async () => {} } } as unknown as typeof gallery
    await deletePerson(dying, id)
    const next = anImport({ policies: PLAIN_POLICIES })
    await imports.records.insert(next)
    await imports.rows.add(next.id, [aRow({ key: 'ada/2', person: ada, name: 'Ada again' })])
    await reconcile(gallery, { waitsForOthers: false })
    expect(await imports.rows.list({ id: next.id, after: 0, limit: 9 })).toMatchObject([
      { key: 'ada/2', outcome: null },
    ])
  })

  it('is deleted although the imports cannot be asked', async () => {
    const { gallery, id } = await waiting()
    const told: string[] = []
    const broken = {
      ...gallery,
      bindInImports: () => Promise.reject(new Error('a damaged page')),
      onDeferred: (step: string) => void told.push(step),
    }
    expect(await deletePerson(broken, id)).toEqual({ outcome: 'deleted' })
    expect(told).toEqual(['bind-person-in-imports'])
  })

  it('leaves the rows to whoever has the same external id', async () => {
    const { gallery, id, left } = await waiting()
    await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    await deletePerson(gallery, id)
    expect((await left()).rows).toEqual([
      ['ada/1', undefined],
      ['bob/1', undefined],
    ])
  })
})

describe('a process that dies between the record of an image and its picture', () => {
  it('has used up the id, if what it left was withdrawn: the row is done under another one', async () => {
    const { run, claim, gallery } = await begin()
    const row = await claim({ person: ada, name: 'Ada' })
    const put = vi.spyOn(gallery.pictures, 'put').mockRejectedValueOnce(new Error('died'))
    await expect(run(row)).rejects.toThrow('died')
    put.mockRestore()
    await reconcile(gallery, { waitsForOthers: false })
    await expect(run(row)).rejects.toMatchObject({ code: 'E_STALE_ID' })
    const renewed = { ...row, imageId: gallery.newId<ImageId>() }
    expect(await run(renewed)).toMatchObject({ kind: 'enrolled', imageId: renewed.imageId })
  })
})

describe('an import that is older than the tombstones', () => {
  it('makes a person whose first row was refused before', async () => {
    const { take, gallery, namesOf } = await begin()
    expect(await take({ person: ada, name: 'Ada' }, { identities: [] })).toEqual({ kind: 'no-face' })
    await gallery.age(LONGER_THAN_TOMBSTONES_MS)
    expect(await take({ person: ada, name: 'Ada' })).toMatchObject({ kind: 'enrolled' })
    expect(await namesOf()).toEqual(['Ada'])
  })

  it('brings nobody back who was deleted', async () => {
    const { take, claim, run, gallery, namesOf } = await begin()
    const { personId } = (await take({ person: ada, name: 'Ada' })) as { personId: PersonId }
    const waiting = await claim({ person: { by: 'id', id: personId }, name: 'Ada' })
    await deletePerson(gallery, personId)
    await gallery.age(LONGER_THAN_TOMBSTONES_MS)
    expect(await run(waiting, { variation: 1 })).toMatchObject({ kind: 'failed', isPassing: false })
    expect(await namesOf()).toEqual([])
  })
})

describe('a process whose clock is wrong', () => {
  it.each([-15, 15])('by %i minutes gives ids with which rows are enrolled all the same', async (minutes) => {
    const { run, claim, gallery } = await begin()
    const msecs = gallery.clock.now() + minutes * 60_000
    const row = { ...(await claim({ person: ada, name: 'Ada' })), imageId: v7({ msecs }) as ImageId }
    expect(await run(row)).toMatchObject({ kind: 'enrolled', imageId: row.imageId })
  })
})
