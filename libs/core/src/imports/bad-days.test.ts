import { v7 } from 'uuid'
import { describe, expect, it, vi } from 'vitest'
import { storeUnavailable } from '../errors.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import { portsToImports } from '../ports-beside.ts'
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
import { bindPersonInImports } from './erase-import.ts'
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
  const counted: string[] = []
  const gallery = {
    ...empty,
    ...portsToImports({ imports, staged, onRow: (kind) => void counted.push(kind) }),
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
    await imports.rows.end({ id: made.id, holder: 'h', rows: [{ ...row, outcome }] })
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
  return { gallery, imports, staged, made, counted, claim, run, take, namesOf }
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

  it('is not deleted while the store of the imports is away, so that whoever asks again has their rows end, too', async () => {
    const { gallery, id, left } = await waiting()
    const away = { ...gallery, bindInImports: () => Promise.reject(storeUnavailable(null)) }
    await expect(deletePerson(away, id)).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'live' })
    await deletePerson(gallery, id)
    expect(await left()).toEqual(GONE)
  })

  it('does not come back through a row that was sent before the deletion was answered', async () => {
    const { gallery, imports, id, namesOf } = await waiting()
    const next = anImport({ policies: PLAIN_POLICIES })
    await imports.records.insert(next)
    let isBound = false
    const racing = {
      ...gallery,
      bindInImports: async (going: Parameters<typeof bindPersonInImports>[1]) => {
        const others = await bindPersonInImports({ imports }, going)
        if (!isBound) await imports.rows.add(next.id, [aRow({ key: 'ada/2', person: ada, name: 'Ada' })])
        isBound = true
        return others
      },
    }
    await deletePerson(racing, id)
    const [row] = await imports.rows.list({ id: next.id, after: 0, limit: 9 })
    expect(row).toMatchObject({ key: 'erased:1', outcome: { kind: 'failed' } })
    expect(await namesOf()).toEqual([])
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

/** Who has gone by the mark alone: whoever made it died before the erasure. */
const goings = {
  'is deleted': async ({ gallery }: Awaited<ReturnType<typeof begin>>, id: PersonId) => {
    const dying = { ...gallery, background: { begin: async () => {} } } as unknown as typeof gallery
    await deletePerson(dying, id)
  },
  expires: async ({ gallery }: Awaited<ReturnType<typeof begin>>, id: PersonId) => {
    await updatePerson(gallery, { id, expireAt: gallery.clock.now() + HOUR_MS })
    await gallery.age(2 * HOUR_MS)
  },
} as const

describe.each(Object.entries(goings))('of a person who %s, rows', (_how, go) => {
  it.each([
    'never',
    'before',
  ])('sent before end with them, and those sent after make them anew (bound %s)', async (bound) => {
    const begun = await begin()
    const { gallery, imports, made, take, run, namesOf } = begun
    const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    if (bound === 'before') expect(await take({ key: 'ada/0', person: ada })).toMatchObject({ personId: id })
    await imports.rows.add(made.id, [
      aRow({ key: 'ada/1', person: ada, name: 'Ada' }),
      aRow({ key: 'ada/2', person: ada, name: 'Ada' }),
    ])
    await go(begun, id)
    await imports.rows.add(made.id, [
      aRow({ key: 'ada/3', person: ada, name: 'Ada again' }),
      aRow({ key: 'ada/4', person: ada, name: 'Ada again' }),
    ])
    const claim = { id: made.id, holder: 'h', leaseMs: 60_000 }
    const rows = await imports.rows.claim({
      ...claim,
      newImageIds: Array.from({ length: 4 }, () => gallery.newId<ImageId>()),
    })
    const [first, second, third, fourth] = rows
    // One of each before the erasure; the last two after it.
    expect(await run(third!, { variation: 3 })).toMatchObject({ kind: 'enrolled' })
    expect(await run(first!, { variation: 1 })).toMatchObject({ kind: 'failed' })
    await reconcile(gallery, { waitsForOthers: false })
    expect(await run(second!, { variation: 2 })).toMatchObject({ kind: 'failed' })
    expect(await run(fourth!, { variation: 4 })).toMatchObject({ kind: 'enrolled' })
    expect(await namesOf()).toEqual(['Ada again'])
    const all = await imports.rows.list({ id: made.id, after: 0, limit: 9 })
    expect(all.slice(-4).map(({ key, outcome }) => [key.replace(/\d$/, 'n'), outcome?.kind])).toEqual([
      ...[
        ['erased:n', 'failed'],
        ['erased:n', 'failed'],
        ['ada/n', 'enrolled'],
        ['ada/n', 'enrolled'],
      ],
    ])
    const { items } = await gallery.records.persons.list({ nowMs: gallery.clock.now() }, { page: 1, size: 9 })
    expect(await imports.persons.find(made.id, 'externalId:ada')).toMatchObject({ personId: items[0]?.id })
  })

  it('that came to nobody before the reconciler looks make nobody anew', async () => {
    const begun = await begin()
    const { gallery, imports, made, counted, namesOf } = begun
    const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    await imports.rows.add(made.id, [aRow({ key: 'ada/1', person: ada, name: 'Ada' })])
    await go(begun, id)
    await reconcile(gallery, { waitsForOthers: false })
    expect(counted).toEqual(['failed'])
    const [row] = await imports.rows.list({ id: made.id, after: 0, limit: 9 })
    expect(row).toMatchObject({ key: 'erased:1', outcome: { kind: 'failed', why: 'the person was deleted' } })
    expect(await namesOf()).toEqual([])
  })

  it('make them anew in a dry run as in any other, and change nothing', async () => {
    const begun = await begin({ dryRun: true })
    const { gallery, take, namesOf } = begun
    const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    await go(begun, id)
    expect(await take({ person: ada, name: 'Ada' })).toMatchObject({ kind: 'enrolled', personId: null })
    expect(await namesOf()).toEqual([])
  })
})

describe('a row under way whose person was deleted', () => {
  it('leaves its picture to nobody who was made since, whoever has its key now', async () => {
    const { gallery, imports, made, claim, run, take, namesOf } = await begin()
    const { id } = await makePerson(gallery, { externalId: 'ada', name: 'Ada' })
    const old = await claim({ key: 'ada/1', person: ada, name: 'Ada' })
    await deletePerson(gallery, id)
    expect(await take({ key: 'ada/1', person: ada, name: 'Ada again' })).toMatchObject({ kind: 'enrolled' })
    expect(await run(old, { variation: 1 })).toMatchObject({ kind: 'failed' })
    expect(await namesOf()).toEqual(['Ada again'])
    const rows = await imports.rows.list({ id: made.id, after: 0, limit: 9 })
    expect(rows.map(({ key, outcome }) => [key, outcome?.kind])).toEqual([
      ['erased:1', 'failed'],
      ['ada/1', 'enrolled'],
    ])
    const person = await imports.persons.find(made.id, 'externalId:ada')
    const images = await gallery.records.images.listIds(person!.personId)
    expect(images).toHaveLength(1)
  })
})

describe('a row that waited until its own expiry', () => {
  it('makes nobody', async () => {
    const { gallery, claim, run, namesOf } = await begin()
    const row = await claim({ person: ada, name: 'Ada', expireAt: gallery.clock.now() + HOUR_MS })
    await gallery.age(2 * HOUR_MS)
    expect(await run(row)).toMatchObject({ kind: 'invalid', field: 'expireAt' })
    expect(await namesOf()).toEqual([])
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
