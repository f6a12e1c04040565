import { describe, expect, it, vi } from 'vitest'
import type { ImageId, PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { listImagesOf } from '../persons/merged-persons.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImportStore,
  expectSettled,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'

const PICTURE = aPicture()
const IMAGE = '01700000-0000-7000-8000-000000000003' as ImageId

interface Moment {
  readonly isBefore?: boolean
  /** Left out: while the row is looked at. */
  readonly at?: LastStep | null
}

type LastStep = 'before its picture' | 'before its vector' | 'after its vector' | 'after a crash'

/** A row of somebody who is merged into somebody else while the row is looked at, unless that `isBefore`. */
async function mergedMeanwhile(
  draftOf: (id: PersonId) => Partial<RowDraft>,
  { isBefore = false, at = null, ...given }: Partial<ImportPolicies> & Moment = {},
) {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const policies = { ...PLAIN_POLICIES, ...given }
  const made = anImport({ policies })
  await imports.records.insert(made)
  const [ada, countess] = [await makePerson(gallery, { externalId: 'ada' }), await makePerson(gallery)]
  await imports.rows.add(made.id, [aRow({ key: 'a', ...draftOf(ada.id) })])
  const newImageIds = [gallery.newId<ImageId>()]
  const [row] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
  const engine = createFakeFaceEngine()
  const merge = () => mergePersons(gallery, { id: countess.id, otherId: ada.id })
  const findFaces = engine.findFaces.bind(engine)
  if (isBefore) await merge()
  else if (at !== null) mergeAt(gallery, { at, merge })
  else
    vi.spyOn(engine, 'findFaces').mockImplementationOnce(async (...asked) => {
      await merge()
      return findFaces(...asked)
    })
  const run = () => {
    const picture = { sent: PICTURE, shrunk: PICTURE }
    const job = { importId: made.id, policies, groups: made.groups, row: row!, picture, threshold: 1 }
    return enrollRow({ gallery, imports, engine }, job, { lane: 'bulk' })
  }
  return { run, gallery, countess, imports, made }
}

function mergeAt({ pictures, index }: TestGallery, { at, merge }: { at: LastStep; merge: () => unknown }) {
  const [put, upsert] = [pictures.put.bind(pictures), index.upsert.bind(index)]
  if (at === 'before its picture')
    vi.spyOn(pictures, 'put').mockImplementationOnce(async (...image) => {
      await merge()
      return put(...image)
    })
  else
    vi.spyOn(index, 'upsert').mockImplementationOnce(async (...entries) => {
      if (at !== 'after its vector') await merge()
      if (at === 'after a crash') throw new Error('the process died here')
      await upsert(...entries)
      if (at === 'after its vector') await merge()
    })
}

async function imagesOf({ records }: TestGallery, personId: PersonId) {
  return (await listImagesOf(records, { personId, request: { page: 1, size: 10 } })).items
}

const named = { person: { by: 'externalId', externalId: 'ada' } } as const
const broughtBack = (id: PersonId): Partial<RowDraft> => ({
  person: { by: 'id', id },
  restore: {
    person: { externalId: 'ada', createdAt: 10, updatedAt: 20 },
    image: { id: IMAGE, createdAt: 30, sha256: sha256Hex(PICTURE), descriptor: null },
  },
})

describe('a row whose person is merged while it is worked on', () => {
  it.each([
    ['names them', () => named],
    ['has their id', (id: PersonId): Partial<RowDraft> => ({ person: { by: 'id', id } })],
    ['brings them back', broughtBack],
  ])('is tried again, and goes to whoever has them now (it %s)', async (_how, draftOf) => {
    const { run, countess, imports, made } = await mergedMeanwhile(draftOf)
    expect(await run()).toMatchObject({ kind: 'failed', isPassing: true })
    expect(await imports.rows.find(made.id, 'a')).toMatchObject({ outcome: null })
    expect(await run()).toMatchObject({ kind: 'enrolled', personId: countess.id })
  })

  it.each([
    ['has their id', (id: PersonId): Partial<RowDraft> => ({ person: { by: 'id', id } })],
    ['brings them back', broughtBack],
  ])('is told to go to that one by a dry run (it %s)', async (_how, draftOf) => {
    const { run, countess } = await mergedMeanwhile(draftOf, { dryRun: true, isBefore: true })
    expect(await run()).toMatchObject({ kind: 'enrolled', personId: countess.id })
  })

  it.each([
    ['names them', () => named],
    ['brings them back', broughtBack],
  ])('goes to whoever has them then, if its picture is being written (it %s)', async (_how, draftOf) => {
    for (const at of ['before its picture', 'before its vector', 'after its vector'] as const) {
      const { run, gallery, countess } = await mergedMeanwhile(draftOf, { at })
      expect(await run(), at).toMatchObject({ kind: 'enrolled', personId: countess.id })
      expect(await imagesOf(gallery, countess.id), at).toHaveLength(1)
      await expectSettled(gallery)
    }
  })

  it.each([
    ['is tried again', 0],
    ['was finished by the reconciler', 1],
  ])('goes to whoever has them then, if the process died at its last steps and it %s', async (_how, passes) => {
    for (const draftOf of [() => named, broughtBack]) {
      const { run, gallery, countess } = await mergedMeanwhile(draftOf, { at: 'after a crash' })
      await expect(run()).rejects.toThrow('died')
      if (passes > 0) await reconcileUntilSettled(gallery, true)
      expect((await run()).kind).toBe(passes > 0 && draftOf === broughtBack ? 'same-picture' : 'enrolled')
      expect(await imagesOf(gallery, countess.id)).toHaveLength(1)
      await expectSettled(gallery)
    }
  })
})
