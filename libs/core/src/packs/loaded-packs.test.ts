import { expect, it } from 'vitest'
import { aPicture, makePerson } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation } from '../testing/pack-installation.ts'

it('keeps a dropped pack loaded for the jobs that began with it, and searches in its own index for them', async () => {
  const installation = await openPackInstallation()
  const { packs, gallery, enroll } = await installation.restart()
  const { id } = await makePerson(gallery)
  const imageId = await enroll(id, [id])
  await packs.begin(NEXT_PACK)
  const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const former = packs.serving
  const job = packs.use(async ({ serving }) => {
    begun.resolve()
    await mayEnd.promise
    const report = await serving.findFaces(
      aPicture({ identities: [id], variation: 3 }),
      { faces: 'central', effort: 'cheap', crop: null },
      { lane: 'search' },
    )
    if (report.outcome !== 'faces') throw new Error(report.outcome)
    const query = {
      filter: { groups: null, field: null },
      minCosine: 0,
      limit: 1,
      imagesPerPerson: 1,
      exclude: [],
    }
    return { serving, found: await gallery.index.search(report.faces[0].descriptor, query) }
  })
  await begun.promise
  await packs.switchTo(NEXT_PACK)
  expect(await packs.drop()).toBe(true)
  // No job begins with it any more, and it is there for the one that did.
  await packs.use(async ({ serving, others, of }) => {
    expect([serving.packId, others, of(former.packId)]).toEqual([NEXT_PACK, [], null])
  })
  expect(installation.indexed(former.packId)).toEqual([imageId])
  mayEnd.resolve()
  const { serving, found } = await job
  expect(serving).toBe(former)
  expect(found.map(({ personId }) => personId)).toEqual([id])
  await packs.tidied()
  expect(installation.indexed(former.packId)).toEqual([])
  await packs.close()
})
