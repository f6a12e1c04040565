import {
  type FaceEngine,
  type ImageId,
  type ImportPolicies,
  onlyGallery,
  type PersonId,
  type RowOutcome,
} from '@semblance/core'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
  PLAIN_POLICIES,
} from '@semblance/testkit'
import { expect, it } from 'vitest'
import { createJobHandlers } from '../job-handlers.ts'
import { onlyEngine } from './in-every-pack.ts'

const ada = { by: 'externalId', externalId: 'ada' } as const
const SIDE = 100

/** The face of a picture is as wide as a fifth of it, as that of a real picture grows with it. */
function engineOfSizes(looked: Uint8Array[]): FaceEngine {
  const engine = createFakeFaceEngine()
  return {
    ...engine,
    findFaces: async (picture, request, work) => {
      looked.push(picture)
      const report = await engine.findFaces(picture, request, work)
      if (report.outcome !== 'faces') return report
      const [first, ...others] = report.faces
      const box = { x: 0, y: 0, width: report.picture.width / 5, height: report.picture.height / 5 }
      return { ...report, faces: [{ ...first, box }, ...others] }
    },
  }
}

/** An import that has pictures shrunk. `take` does one row, whose picture waits in the staging store. */
async function begin(given: Partial<ImportPolicies> = {}) {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const resize = { width: SIDE, height: SIDE, quality: 90 }
  const policies = { ...PLAIN_POLICIES, resize, ...given }
  const made = anImport({ policies })
  await imports.records.insert(made)
  const looked: Uint8Array[] = []
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing: { imports, staged },
    packs: onlyEngine(engineOfSizes(looked)),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: { fetch: async () => expect.fail('a link was fetched'), close: async () => {} },
    observe: () => {},
  })
  const take = async (key: string, bytes: Uint8Array): Promise<RowOutcome> => {
    const stagedId = gallery.newId<ImageId>()
    await staged.put(stagedId, bytes)
    const picture = { from: 'staged', stagedId, bytes: bytes.byteLength } as const
    await imports.rows.add(made.id, [aRow({ key, person: ada, picture })])
    const newImageIds = [gallery.newId<ImageId>()]
    const [row] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
    const payload = { importId: made.id, key, policies, groups: [], picture, threshold: 1, requestId: 'r' }
    const outcome = (await handlers['import-row'](payload, { lane: 'bulk' })) as RowOutcome
    await imports.rows.end({ id: made.id, holder: 'h', rows: [{ ...row!, outcome }] })
    return outcome
  }
  return { gallery, take, looked }
}

it('enrolls the picture that was shrunk, with the box in its pixels', async () => {
  const { gallery, take, looked } = await begin()
  const outcome = await take('a', aPicture({ side: 400 }))
  expect(outcome).toMatchObject({ kind: 'enrolled', face: { box: { width: SIDE / 5, height: SIDE / 5 } } })
  const shrunk = aPicture({ side: SIDE })
  const { imageId } = outcome as { imageId: ImageId }
  expect(await gallery.pictures.get(imageId)).toEqual(shrunk)
  expect(looked).toEqual([shrunk])
  const whole = await begin({ resize: null })
  expect(await whole.take('a', aPicture({ side: 400 }))).toMatchObject({ face: { box: { width: 80 } } })
})

it('takes pictures for the same that are so once they are shrunk, and enrolls no larger one beside', async () => {
  const { gallery, take } = await begin()
  const first = await take('a', aPicture({ side: 400 }))
  const { imageId, personId } = first as { imageId: ImageId; personId: PersonId }
  expect(await take('b', aPicture({ side: 800 }))).toEqual({ kind: 'same-picture', personId, imageId })
  expect(await take('c', aPicture({ side: 800, variation: 1 }))).toMatchObject({ kind: 'enrolled', personId })
  expect((await gallery.records.countEnrolled()).images).toBe(2)
  // As they were sent these two differ.
  const whole = await begin({ resize: null })
  await whole.take('a', aPicture({ side: 400 }))
  expect(await whole.take('b', aPicture({ side: 800 }))).toMatchObject({ kind: 'enrolled' })
})

it('leaves a picture as it is that is small enough, and tells of one that cannot be read', async () => {
  const { gallery, take } = await begin()
  const small = aPicture({ side: SIDE / 2 })
  const { imageId } = (await take('a', small)) as { imageId: ImageId }
  expect(await gallery.pictures.get(imageId)).toEqual(small)
  expect(await take('b', new Uint8Array([1]))).toMatchObject({ kind: 'undecodable' })
})
