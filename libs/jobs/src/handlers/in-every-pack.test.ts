import { enrollPicture, type FaceEngines, type ImageId, type PackId } from '@semblance/core'
import { aPicture, createFakeFaceEngine, makePerson, openTestGallery, TEST_PACK } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { inEveryPack } from './in-every-pack.ts'

const NEXT_PACK = 'next@1' as PackId

/** Enrolls a picture in a gallery of two packs; answers whether the other one had described it when it came to be seen. */
async function enrollInBoth(
  caller: AbortController,
  onStored: () => void = () => {},
): Promise<readonly boolean[]> {
  const bare = openTestGallery()
  const own = createFakeFaceEngine()
  const findFaces: typeof own.findFaces = async (picture, request, work) => {
    work.signal?.throwIfAborted()
    return own.findFaces(picture, request, work)
  }
  const next = { ...createFakeFaceEngine(), packId: NEXT_PACK, findFaces }
  const engines: FaceEngines = {
    serving: own,
    others: [next],
    of: (packId) => (packId === TEST_PACK ? own : packId === NEXT_PACK ? next : null),
  }
  const { records } = bare
  const described: boolean[] = []
  const noted = new Set<ImageId>()
  const move: typeof records.images.move = async (id, change, waiting) => {
    if (change.to === 'ready') described.push(noted.has(id))
    return records.images.move(id, change, waiting)
  }
  const note: typeof records.descriptors.note = async (given, waiting) => {
    if (given.packId === NEXT_PACK) noted.add(given.imageId)
    return records.descriptors.note(given, waiting)
  }
  const gallery = {
    ...bare,
    index: { ...bare.index, upsert: async () => {} },
    pictures: {
      ...bare.pictures,
      put: async (...given: Parameters<typeof bare.pictures.put>) => {
        await bare.pictures.put(...given)
        onStored()
      },
    },
    records: {
      ...records,
      images: { ...records.images, move },
      descriptors: { ...records.descriptors, note },
    },
  }
  const { id: personId } = await makePerson(bare)
  const imageId = bare.newId<ImageId>()
  const enroll = inEveryPack(
    (deps: { readonly gallery: typeof gallery }, picture: Uint8Array, work) =>
      enrollPicture({ gallery: deps.gallery, engine: own }, { imageId, personId, picture }, work),
    (result) => (result.outcome === 'added' ? imageId : null),
  )
  const work = { lane: 'enroll', signal: caller.signal } as const
  const outcome = await enroll({ gallery, engines }, aPicture({ identities: [personId] }), work)
  expect(outcome.outcome).toBe('added')
  return described
}

describe('a gallery of two packs', () => {
  it('has both describe a picture before it is enrolled, so that whoever is killed in between leaves it unseen', async () => {
    expect(await enrollInBoth(new AbortController())).toEqual([true])
  })

  it('does so although the caller left when the picture was written', async () => {
    const caller = new AbortController()
    expect(await enrollInBoth(caller, () => caller.abort(new Error('left')))).toEqual([true])
  })
})
