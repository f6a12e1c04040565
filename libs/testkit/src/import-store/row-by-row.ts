import { enrollRow, type ImageId, type ImportPolicies, type ImportRow, portsToImports } from '@semblance/core'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  type FakeScene,
  openTestGallery,
  PLAIN_POLICIES,
} from '@semblance/core/testing'
import { type ImportStoreHarness, LEASE_MS } from './import-store-harness.ts'

const ada = { by: 'externalId', externalId: 'ada' } as const

/** An import whose rows all name Ada, and each of which is done as it is asked for, in a gallery of its own. */
export async function rowByRow(
  { store: imports }: Pick<ImportStoreHarness, 'store'>,
  given: Partial<ImportPolicies> = {},
) {
  const empty = openTestGallery()
  const staged = createNaiveImageStore(empty.clock)
  const gallery: typeof empty = {
    ...empty,
    ...portsToImports({ imports, staged }),
  }
  const policies = { ...PLAIN_POLICIES, ...given }
  const { id, groups } = anImport()
  await imports.records.insert(anImport({ id, policies }))
  const claim = async (key: string) => {
    await imports.rows.add(id, [aRow({ key, person: ada, name: `Ada ${key}` })])
    const newImageIds = [gallery.newId<ImageId>()]
    const [row] = await imports.rows.claim({ id, holder: 'h', leaseMs: LEASE_MS, newImageIds })
    if (row === undefined) throw new Error('nothing to claim')
    return row
  }
  const enroll = (row: ImportRow, scene: Partial<FakeScene> = {}) => {
    const bytes = aPicture(scene)
    const picture = { sent: bytes, shrunk: bytes }
    const job = { importId: id, policies, groups, row, picture, threshold: 1 }
    return enrollRow({ gallery, imports, engine: createFakeFaceEngine() }, job, { lane: 'bulk' })
  }
  const run = async (row: ImportRow, scene: Partial<FakeScene> = {}) => {
    const outcome = await enroll(row, scene)
    const { key, position } = row
    await imports.rows.end({ id, holder: 'h', rows: [{ key, position, outcome }] })
    return outcome.kind
  }
  /** What the import has, and whom it means; who is in the gallery. */
  const left = async () => {
    const rows = await imports.rows.list({ id, after: 0, limit: 9 })
    const { items } = await gallery.records.persons.list({ nowMs: gallery.clock.now() }, { page: 1, size: 9 })
    const bound = await imports.persons.find(id, 'externalId:ada')
    return {
      rows: rows.map(({ key, outcome }) => [key, outcome?.kind]),
      names: items.map(({ name }) => name),
      isBound: bound !== null && bound.personId === items[0]?.id,
    }
  }
  return { gallery, imports, id, claim, enroll, run, left }
}
