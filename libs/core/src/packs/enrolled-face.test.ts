import { describe, expect, it } from 'vitest'
import type { ImageId, PackId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { AnotherPack } from '../testing/fake-face-engine.ts'
import { aPicture, fakeDescriptor, makePerson } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation } from '../testing/pack-installation.ts'
import { describeAgain, describeByOthers } from './describe-again.ts'

/** Ada was enrolled from a picture in whose middle Bob stands, as an import takes the largest face. */
async function openWithAda(sees: NonNullable<AnotherPack['sees']>) {
  const installation = await openPackInstallation({ sees })
  const process = await installation.restart()
  const enroll = async (): Promise<ImageId> => {
    const { id: personId } = await makePerson(process.gallery)
    const picture = aPicture({ identities: ['bob', 'ada'] })
    const draft = {
      id: process.gallery.newId() as ImageId,
      personId,
      contentType: 'image/jpeg',
      bytes: picture.byteLength,
      sha256: sha256Hex(picture),
      quality: null,
      createdAt: process.gallery.clock.now(),
      descriptor: fakeDescriptor('ada', 0, 'rich'),
    }
    await addImage(process.gallery, { draft, picture })
    return draft.id
  }
  const described = async (imageId: ImageId) => {
    const { descriptors } = process.gallery.records
    const found = await descriptors.find({ imageId, packId: NEXT_PACK })
    const [undescribed] = await descriptors.listUndescribed({ packId: NEXT_PACK, after: null, limit: 9 })
    return found?.values ?? undescribed?.why ?? null
  }
  return { installation, process, enroll, described }
}

const ADA = fakeDescriptor('ada', 0, 'rich').values

describe('the face of an image that another pack describes', () => {
  it('is the one that was enrolled, also where the new pack sees a stranger on the way and looks no further', async () => {
    const { installation, process, enroll, described } = await openWithAda('few')
    const before = await enroll()
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    expect(await described(before)).toEqual(ADA)
  })

  it('is so of an image that is enrolled while there are two packs', async () => {
    const { process, enroll, described } = await openWithAda('few')
    await process.packs.begin(NEXT_PACK)
    const during = await enroll()
    await describeByOthers(process.deps, during, { lane: 'enroll' })
    expect(await described(during)).toEqual(ADA)
  })

  it('is told by its place where its own pack cannot make out the face that the new one has found', async () => {
    const { process, enroll, described } = await openWithAda('all')
    const image = await enroll()
    await process.packs.begin(NEXT_PACK)
    // As of a face that lies on its side.
    const describeFace = async () => fakeDescriptor('nobody', 0, 'cheap')
    const of = (packId: PackId) => {
      const engine = process.packs.of(packId)
      return engine === null || packId === NEXT_PACK ? engine : { ...engine, describeFace }
    }
    const deps = { gallery: process.gallery, engines: { serving: process.packs.serving, others: [], of } }
    await describeAgain(deps, { imageId: image, packId: NEXT_PACK }, { lane: 'bulk' })
    expect(await described(image)).toEqual(ADA)
  })

  it('is the central one, too, where a pack leaves it out once all faces are asked for', async () => {
    const { process, enroll, described } = await openWithAda('all')
    const image = await enroll()
    await process.packs.begin(NEXT_PACK)
    // Each finds Ada alone as the central face, as of one that lies on its side, and Bob alone among all.
    const leavingOut = (engine: NonNullable<ReturnType<typeof process.packs.of>>) => ({
      ...engine,
      findFaces: async (...[picture, request, work]: Parameters<typeof engine.findFaces>) => {
        const report = await engine.findFaces(picture, { ...request, faces: 'all' }, work)
        if (report.outcome !== 'faces') return report
        return { ...report, faces: [report.faces[request.faces === 'central' ? 1 : 0]!] as const }
      },
    })
    const describeFace = async () => fakeDescriptor('nobody', 0, 'cheap')
    const of = (packId: PackId) => {
      const engine = leavingOut(process.packs.of(packId)!)
      return packId === NEXT_PACK ? engine : { ...engine, describeFace }
    }
    const deps = { gallery: process.gallery, engines: { serving: process.packs.serving, others: [], of } }
    await describeAgain(deps, { imageId: image, packId: NEXT_PACK }, { lane: 'bulk' })
    expect(await described(image)).toEqual(ADA)
  })

  it('is none where the new pack finds a stranger alone', async () => {
    const { installation, process, enroll, described } = await openWithAda('central')
    const image = await enroll()
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    expect(await installation.expectDone(id)).toMatchObject({ undescribed: 1, held: 'too-few-described' })
    expect(await described(image)).toBe('other-face')
    expect(installation.indexed(NEXT_PACK)).toEqual([])
  })

  it('is the central one, not the largest, where nobody has the pack that the image was enrolled with', async () => {
    const { process, enroll, described } = await openWithAda('all')
    const image = await enroll()
    await process.packs.begin(NEXT_PACK)
    const next = process.packs.of(NEXT_PACK)!
    const largestFirst = {
      ...next,
      findFaces: async (...given: Parameters<typeof next.findFaces>) => {
        const report = await next.findFaces(...given)
        if (report.outcome !== 'faces' || given[1].faces === 'central') return report
        const [first, ...others] = report.faces.toReversed()
        return { ...report, faces: [first!, ...others] as const }
      },
    }
    const of = (packId: string) => (packId === NEXT_PACK ? largestFirst : null)
    const deps = { gallery: process.gallery, engines: { serving: largestFirst, others: [], of } }
    await describeAgain(deps, { imageId: image, packId: NEXT_PACK }, { lane: 'bulk' })
    expect(await described(image)).toEqual(fakeDescriptor('bob', 0, 'rich').values)
  })
})
