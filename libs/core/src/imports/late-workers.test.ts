import { expect, it } from 'vitest'
import type { ImageId, PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import {
  anImage,
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  makePerson,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import { erasePersonFromImports } from './erase-import.ts'
import type { ImportRow, RowDraft } from './import-row.ts'
import { changeImport } from './manage-imports.ts'
import type { RowOutcome } from './row-outcome.ts'

const PICTURE = aPicture()
const FAILED: RowOutcome = { kind: 'failed', why: 'the link gave no picture', isPassing: false }
/** Of years ago, as those of an export are. */
const ADA = '01700000-0000-7000-8000-000000000002' as PersonId
const IMAGE = '01700000-0000-7000-8000-000000000003' as ImageId

const BROUGHT_BACK: Partial<RowDraft> = {
  person: { by: 'id', id: ADA },
  restore: {
    person: { externalId: '7', createdAt: 10, updatedAt: 20 },
    image: { id: IMAGE, createdAt: 30, sha256: sha256Hex(PICTURE), descriptor: null },
  },
}

/** A row, and a slow worker that `beginWork` sets to it: that goes on once `goOn` is called, where `stopsAt` says. */
async function slowlyWorkedOn(stopsAt: 'engine' | 'picture', draft: Partial<RowDraft> = {}) {
  const installed = importerInstallation()
  const { gallery, imports, staged } = installed
  const made = anImport({ state: 'running', takesRows: false, policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const from = { from: 'link', url: 'https://pictures.example/a.jpg' } as const
  await imports.rows.add(made.id, [aRow({ key: 'a', picture: from, ...draft })])
  const gate = Promise.withResolvers<void>()
  const engine = createFakeFaceEngine()
  const slow: typeof engine = {
    ...engine,
    findFaces: async (...given) => {
      if (stopsAt === 'engine') await gate.promise
      return engine.findFaces(...given)
    },
  }
  const put: typeof gallery.pictures.put = async (...given) => {
    if (stopsAt === 'picture') await gate.promise
    return gallery.pictures.put(...given)
  }
  const pictures = Object.assign(Object.create(gallery.pictures), { put })
  const eraseFromImports = (id: PersonId) => erasePersonFromImports({ imports, staged }, id)
  const deps = { gallery: { ...gallery, pictures, eraseFromImports }, imports, engine: slow }
  const picture = { sent: PICTURE, shrunk: PICTURE }
  const { id: importId, policies, groups } = made
  let working: Promise<unknown> | null = null
  const beginWork = (row: ImportRow) => {
    const job = { importId, policies, groups, row, picture, threshold: 1 }
    working = enrollRow(deps, job, { lane: 'bulk' }).catch((fault: { code?: string }) => fault.code)
  }
  const goOn = () => {
    gate.resolve()
    return working
  }
  const cancel = () => changeImport({ gallery, imports }, { id: importId, action: 'cancel' })
  const outcome = async () => (await imports.rows.find(importId, 'a'))?.outcome ?? null
  const enrolled = async () => (await gallery.records.countEnrolled()).images
  return { ...installed, importId, beginWork, goOn, cancel, outcome, enrolled }
}

/** Such a row whose leader has died while that worker is at it. */
async function orphaned(...given: Parameters<typeof slowlyWorkedOn>) {
  const worked = await slowlyWorkedOn(...given)
  const { gallery, imports, importId, beginWork } = worked
  const newImageIds = [gallery.newId<ImageId>()]
  const [row] = await imports.rows.claim({ id: importId, holder: 'dead', leaseMs: -1, newImageIds })
  beginWork(row!)
  return { ...worked, row: row! }
}

it('a row that is cancelled is not enrolled by a worker that is still at it', async () => {
  const { start, goOn, cancel, outcome, enrolled } = await orphaned('engine')
  await cancel()
  start(async () => FAILED)
  await expect.poll(outcome).toEqual({ kind: 'cancelled' })
  expect(await goOn()).toBe('E_STALE_ID')
  expect([await outcome(), await enrolled()]).toEqual([{ kind: 'cancelled' }, 0])
})

it('a row that failed for the next leader is not enrolled by a worker of the last one', async () => {
  const { start, goOn, outcome, enrolled } = await orphaned('engine')
  start(async () => FAILED)
  await expect.poll(outcome).toEqual(FAILED)
  expect(await goOn()).toBe('E_STALE_ID')
  expect(await enrolled()).toBe(0)
})

it('a row ends as enrolled once a worker has begun to write its image', async () => {
  const { start, goOn, cancel, outcome, enrolled, gallery, row } = await orphaned('picture')
  const begun = async () => (await gallery.records.images.findMany([row.imageId!]))[0]?.state
  await expect.poll(begun).toBe('pending')
  await cancel()
  start(async () => FAILED)
  await goOn()
  await expect.poll(outcome).toMatchObject({ kind: 'enrolled', imageId: row.imageId })
  expect(await enrolled()).toBe(1)
})

it.each([
  FAILED,
  { kind: 'link-refused', why: 'private address' },
  { kind: 'no-face' },
] satisfies RowOutcome[])('a row that ends as $kind in its first claim is not enrolled by a worker that the queue took for dead', async (ended) => {
  const { start, beginWork, goOn, outcome, enrolled } = await slowlyWorkedOn('engine')
  start(async ({ row }) => {
    beginWork(row)
    return ended
  })
  await expect.poll(outcome).toEqual(ended)
  expect(await goOn()).toBe('E_STALE_ID')
  expect(await enrolled()).toBe(0)
})

it('an image that is cancelled while it is brought back stays away, and may be brought back later', async () => {
  const { start, goOn, cancel, outcome, enrolled, gallery } = await orphaned('engine', BROUGHT_BACK)
  await cancel()
  start(async () => FAILED)
  await expect.poll(outcome).toEqual({ kind: 'cancelled' })
  expect(await goOn()).toEqual({ kind: 'cancelled' })
  expect(await enrolled()).toBe(0)
  expect(await gallery.records.images.recordedIds([IMAGE])).toEqual([])
})

it('an image that was brought back before ends as it was seen to, when its row is taken up again', async () => {
  const { start, goOn, outcome, enrolled } = await orphaned('engine', BROUGHT_BACK)
  await goOn()
  expect(await enrolled()).toBe(1)
  const seen: RowOutcome = { kind: 'same-picture', personId: ADA, imageId: IMAGE }
  start(async () => seen)
  await expect.poll(outcome).toEqual(seen)
})

it('a row that failed is not taken for enrolled by an image of that id that is somebody else’s', async () => {
  const { start, outcome, gallery } = await orphaned('engine', BROUGHT_BACK)
  const bob = await makePerson(gallery)
  await gallery.records.images.insert(anImage({ id: IMAGE, personId: bob.id, state: 'ready' }))
  start(async () => FAILED)
  await expect.poll(outcome).toEqual(FAILED)
})

it('a row whose import is deleted meanwhile takes its person out of no other import', async () => {
  const { goOn, imports, importId, enrolled } = await orphaned('engine', BROUGHT_BACK)
  const other = anImport({ state: 'running' })
  await imports.records.insert(other)
  await imports.rows.add(other.id, [aRow({ key: 'b', person: { by: 'id', id: ADA } })])
  await imports.rows.remove(importId, 10)
  expect(await goOn()).toMatchObject({ kind: 'failed' })
  expect(await enrolled()).toBe(0)
  expect(await imports.rows.find(other.id, 'b')).toMatchObject({ outcome: null })
})

it('a dry run leaves no trace of a row that is cancelled', async () => {
  const { gallery, imports, start } = importerInstallation()
  const policies = { ...PLAIN_POLICIES, dryRun: true }
  const made = anImport({ state: 'running', takesRows: false, policies })
  await imports.records.insert(made)
  await imports.rows.add(made.id, [
    aRow({ key: 'a', picture: { from: 'link', url: 'https://a.example/a.jpg' } }),
  ])
  const newImageIds = [gallery.newId<ImageId>()]
  await imports.rows.claim({ id: made.id, holder: 'dead', leaseMs: -1, newImageIds })
  await changeImport({ gallery, imports }, { id: made.id, action: 'cancel' })
  start(async () => FAILED)
  const outcome = async () => (await imports.rows.find(made.id, 'a'))?.outcome
  await expect.poll(outcome).toEqual({ kind: 'cancelled' })
  expect(await gallery.records.images.recordedIds(newImageIds)).toEqual([])
})
