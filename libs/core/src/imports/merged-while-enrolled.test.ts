import { describe, expect, it, vi } from 'vitest'
import type { ImageId, PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImportStore,
  makePerson,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'

const PICTURE = aPicture()
const IMAGE = '01700000-0000-7000-8000-000000000003' as ImageId

/** A row of somebody who is merged into somebody else while the row is looked at, unless that `isBefore`. */
async function mergedMeanwhile(
  draftOf: (id: PersonId) => Partial<RowDraft>,
  { isBefore = false, ...given }: Partial<ImportPolicies> & { readonly isBefore?: boolean } = {},
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
  return { run, countess, imports, made }
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
})
