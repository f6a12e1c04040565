import { beforeEach, describe, expect, it } from 'vitest'
import { searchEnrolled } from '../identification/search-enrolled.ts'
import { searchPicture } from '../identification/search-picture.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { aPicture, makePerson, TEST_PACK } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation, type PackInstallation } from '../testing/pack-installation.ts'
import { dropPack, switchPack } from './change-pack.ts'
import { describeAgain } from './describe-again.ts'

type Process = Awaited<ReturnType<PackInstallation['restart']>>

let installation: PackInstallation
let process: Process
beforeEach(async () => {
  installation = await openPackInstallation({ blindTo: ['masked'] })
  process = await installation.restart()
})

/** So many persons with two images each. */
async function people(
  count: number,
): Promise<readonly { readonly id: PersonId; readonly images: readonly ImageId[] }[]> {
  const made = []
  for (let i = 0; i < count; i++) {
    const { id } = await makePerson(process.gallery)
    const images = [await process.enroll(id, [id], 1), await process.enroll(id, [id], 2)]
    made.push({ id, images })
  }
  return made
}

async function nameOf(identity: string, at = process): Promise<readonly PersonId[]> {
  const request = {
    groupIds: [],
    field: null,
    threshold: 1,
    limit: 3,
    detectAll: false,
    crop: null,
    createPerson: null,
  }
  const deps = { gallery: at.gallery, engine: at.packs.serving, observe: () => {} }
  const found = await searchPicture(
    deps,
    { picture: aPicture({ identities: [identity], variation: 7 }), request },
    { lane: 'search' },
  )
  return found.outcome === 'searched'
    ? found.faces.flatMap((face) => face.persons.map(({ person }) => person.id))
    : []
}

const sorted = (ids: readonly string[]) => ids.toSorted()
const change = () => ({ gallery: process.gallery, operations: installation.operations, desk: process.packs })
const readPacks = () => installation.bare.records.settings.readPacks()

describe('a gallery that moves to another pack', () => {
  it('is described whole, compared, and served by the new pack from one moment on', async () => {
    const made = await people(3)
    const all = sorted(made.flatMap(({ images }) => images))
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    const found = await installation.expectDone(id)
    expect(found).toMatchObject({ images: 6, undescribed: 0, held: null })
    expect(found.comparison).toMatchObject({ probes: 6, mated: 6, sameTop: 6 })
    expect(found.comparison.before).toEqual({ packId: TEST_PACK, rank1: 6, found: 6, falsePositives: 0 })
    expect(found.comparison.after).toEqual({ packId: NEXT_PACK, rank1: 6, found: 6, falsePositives: 0 })
    expect(await installation.find(id)).toMatchObject({ done: 6, total: 6, skipped: 0 })
    expect(await readPacks()).toEqual({ serving: NEXT_PACK, other: TEST_PACK, rev: 2 })
    expect(process.packs.serving.packId).toBe(NEXT_PACK)
    for (const pack of [TEST_PACK, NEXT_PACK]) expect(installation.indexed(pack)).toEqual(all)
    for (const person of made) expect(await nameOf(person.id)).toEqual([person.id])
    const query = { groupIds: [], field: null, threshold: 1, limit: 3, includeSelf: true }
    const enrolled = { kind: 'person', personId: made[0]!.id } as const
    const deps = { gallery: process.gallery, engine: process.packs.serving, observe: () => {} }
    const alike = await searchEnrolled(deps, { ...query, enrolled })
    expect(alike.outcome === 'searched' && alike.persons.map(({ person }) => person.id)).toEqual([
      made[0]!.id,
    ])
  })

  it('has pictures that were enrolled meanwhile in both, and after the switch as well', async () => {
    await people(1)
    expect(await process.packs.begin(NEXT_PACK)).toBe('begun')
    const [during] = await people(1)
    expect(installation.indexed(NEXT_PACK)).toEqual(sorted(during!.images))
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    expect(await installation.find(id)).toMatchObject({ done: 4, total: 4 })
    const [after] = await people(1)
    for (const pack of [TEST_PACK, NEXT_PACK])
      expect(installation.indexed(pack)).toEqual(expect.arrayContaining([...after!.images]))
  })

  it('names pictures that are missing, damaged or without a face, and is held back by too many of them', async () => {
    const [one, other] = await people(2)
    const masked = await makePerson(process.gallery)
    const image = await process.enroll(masked.id, ['masked'])
    await process.gallery.pictures.delete(one!.images[0]!)
    await process.gallery.pictures.put(other!.images[0]!, new Uint8Array(9))
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    expect(await installation.expectDone(id)).toMatchObject({
      images: 5,
      undescribed: 3,
      held: 'too-few-described',
    })
    expect(await readPacks()).toMatchObject({ serving: TEST_PACK, other: NEXT_PACK })
    const undescribed = await process.gallery.records.descriptors.listUndescribed({
      packId: NEXT_PACK,
      after: null,
      limit: 9,
    })
    expect(Object.fromEntries(undescribed.map(({ imageId, why }) => [imageId, why]))).toEqual({
      [one!.images[0]!]: 'picture-missing',
      [other!.images[0]!]: 'picture-damaged',
      [image]: 'no-face',
    })
    const again = await installation.begin(process.packs, { share: 0.4 })
    expect(await installation.expectDone(again)).toMatchObject({ held: null })
    expect(await nameOf(other!.id)).toEqual([other!.id])
    expect(await nameOf('masked')).toEqual([])
    expect((await switchPack(change(), { accepts: 0 })).outcome).toBe('changed')
    expect(await nameOf('masked')).toEqual([masked.id])
  })

  it('keeps the face that was enrolled, of a picture with several', async () => {
    const { id } = await makePerson(process.gallery)
    const image = await process.enroll(id, ['bob', 'eve'])
    // As an import takes the largest face, which need not be the central one.
    const group = aPicture({ identities: ['eve', 'bob'] })
    const { descriptor } = (await process.gallery.records.images.find(image))!
    const moved = await makePerson(process.gallery)
    const { addImage } = await import('../images/add-image.ts')
    const { sha256Hex } = await import('../images/read-picture.ts')
    const draft = {
      id: process.gallery.newId() as ImageId,
      personId: moved.id,
      contentType: 'image/jpeg',
      bytes: group.byteLength,
      sha256: sha256Hex(group),
      quality: null,
      createdAt: 0,
      descriptor,
    }
    await addImage(process.gallery, { draft, picture: group })
    const done = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(done)
    const find = (imageId: ImageId) =>
      process.gallery.records.descriptors.find({ imageId, packId: NEXT_PACK })
    expect((await find(draft.id))?.values).toEqual((await find(image))?.values)
  })

  it('goes back at once, with what was enrolled since, until the former descriptors are dropped', async () => {
    const [one] = await people(1)
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    const [since] = await people(1)
    expect(await switchPack(change(), { accepts: 0 })).toMatchObject({
      outcome: 'changed',
      packs: { serving: TEST_PACK, other: NEXT_PACK },
    })
    for (const person of [one!, since!]) expect(await nameOf(person.id)).toEqual([person.id])
    await switchPack(change(), { accepts: 0 })
    expect((await dropPack(change())).outcome).toBe('changed')
    await process.packs.tidied()
    expect(await readPacks()).toEqual({ serving: NEXT_PACK, other: null, rev: 5 })
    for (const imageId of [...one!.images, ...since!.images]) {
      const { descriptor } = (await process.gallery.records.images.find(imageId))!
      expect(descriptor.packId).toBe(NEXT_PACK)
      const former = await process.gallery.records.descriptors.find({ imageId, packId: TEST_PACK })
      expect(former).toBeNull()
    }
    expect(await switchPack(change(), { accepts: 0 })).toEqual({ outcome: 'no-other' })
    expect(await dropPack(change())).toEqual({ outcome: 'no-other' })
    for (const person of [one!, since!]) expect(await nameOf(person.id)).toEqual([person.id])
  })

  it('cannot go back while pictures lack the former pack', async () => {
    await people(1)
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    // A process that died before it described its picture by both.
    const { id: personId } = await makePerson(process.gallery)
    const { enrollPicture } = await import('../images/enroll-picture.ts')
    const job = {
      imageId: process.gallery.newId() as ImageId,
      personId,
      picture: aPicture({ identities: ['x'] }),
    }
    await enrollPicture({ gallery: process.gallery, engine: process.packs.serving }, job, { lane: 'enroll' })
    expect(await switchPack(change(), { accepts: 0 })).toEqual({
      outcome: 'lacking',
      packId: TEST_PACK,
      images: 1,
    })
    expect((await switchPack(change(), { accepts: 1 })).outcome).toBe('changed')
  })

  it('is held back if the new pack finds fewer', async () => {
    const images = (await people(20)).flatMap((person) => person.images)
    const describe: typeof process.redescribing.describe = async ({ imageId, packId }, waiting) => {
      const made = await process.redescribing.describe({ imageId, packId }, waiting)
      // Every picture is taken for somebody else's: the second of one person is like the first of the next.
      const values = new Float32Array(128)
      values[Math.floor(((images.indexOf(imageId) + 1) % images.length) / 2)] = 1
      await process.gallery.records.descriptors.note({ imageId, packId, values })
      const image = (await process.gallery.records.images.find(imageId))!
      const person = (await process.gallery.records.persons.find(image.personId))!
      const payload = {
        personId: person.id,
        groups: person.groups,
        name: '',
        externalId: null,
        rev: person.rev,
      }
      await process.gallery.index.upsert([{ imageId, descriptor: { packId, values }, payload }])
      return made
    }
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
    const found = await installation.expectDone(id)
    expect(found.held).toBe('finds-fewer')
    expect(await readPacks()).toMatchObject({ serving: TEST_PACK })
  })

  it('leaves nothing of an image, or of a person, who is deleted while their picture is described', async () => {
    const [one, other, kept] = await people(3)
    let isDeleted = false
    const engine = process.packs.of(NEXT_PACK) ?? process.packs.serving
    expect(engine).toBeDefined()
    const describe: typeof process.redescribing.describe = async (asked, waiting) => {
      if (!isDeleted) {
        isDeleted = true
        const findFaces = process.packs.of(NEXT_PACK)!.findFaces
        const slow = {
          ...process.packs.of(NEXT_PACK)!,
          findFaces: async (...given: Parameters<typeof findFaces>) => {
            const report = await findFaces(...given)
            await deleteImage(process.gallery, { personId: one!.id, imageId: one!.images[0]! })
            await deletePerson({ ...process.gallery, background: undefined }, other!.id)
            return report
          },
        }
        const engines = { serving: process.packs.serving, others: [slow], of: () => slow }
        const { describeAgain } = await import('./describe-again.ts')
        const work = { lane: 'bulk', ...waiting } as const
        await describeAgain(
          { gallery: process.gallery, engines },
          { imageId: one!.images[0]!, packId: NEXT_PACK },
          work,
        )
        await describeAgain(
          { gallery: process.gallery, engines },
          { imageId: other!.images[0]!, packId: NEXT_PACK },
          work,
        )
      }
      return process.redescribing.describe(asked, waiting)
    }
    const id = await installation.begin(process.packs)
    installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
    await installation.expectDone(id)
    const left = sorted([one!.images[1]!, ...kept!.images])
    for (const pack of [TEST_PACK, NEXT_PACK]) expect(installation.indexed(pack)).toEqual(left)
    const { descriptors } = process.gallery.records
    const rows = await descriptors.scan({ packId: NEXT_PACK, after: null, limit: 99 })
    expect(rows.map(({ image }) => image.id)).toEqual(left)
  })

  it('has a vector for each note, also where a process dies between the two: such an image is described once more', async () => {
    const [one] = await people(1)
    await process.packs.begin(NEXT_PACK)
    const [imageId] = one!.images
    const { descriptors } = process.gallery.records
    const dying = { ...descriptors, note: () => Promise.reject(new Error('it died')) }
    const gallery = { ...process.gallery, records: { ...process.gallery.records, descriptors: dying } }
    const target = { imageId: imageId!, packId: NEXT_PACK }
    await expect(describeAgain({ ...process.deps, gallery }, target, { lane: 'bulk' })).rejects.toThrow(
      'it died',
    )
    const lacking = await descriptors.listLacking({ packId: NEXT_PACK, after: null, limit: 9 })
    expect(lacking.ids).toContain(imageId)
    expect(await describeAgain(process.deps, target, { lane: 'bulk' })).toEqual({ outcome: 'described' })
    expect(installation.indexed(NEXT_PACK)).toEqual([imageId])
  })

  it('goes on wherever the process dies, and then serves the new pack with everything', async () => {
    const made = await people(2)
    const all = sorted(made.flatMap(({ images }) => images))
    const id = await installation.begin(process.packs)
    for (let calls = 0; calls < 200; calls += 3) {
      const dying = installation.dyingAfter(calls)
      process = await installation.restart()
      const gallery = { ...dying.deps.gallery!, index: process.gallery.index }
      const runner = installation.start({ ...dying.deps, gallery, redescribing: process.redescribing })
      await expect
        .poll(() => dying.isDead() || installation.find(id).then(({ endedAt }) => endedAt !== null), {
          interval: 1,
        })
        .toBe(true)
      await runner.stop()
      if ((await installation.find(id)).endedAt !== null) break
    }
    process = await installation.restart()
    installation.start({ gallery: process.gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    expect(await installation.find(id)).toMatchObject({ done: 4, total: 4 })
    expect(await readPacks()).toMatchObject({ serving: NEXT_PACK, other: TEST_PACK })
    process = await installation.restart()
    for (const pack of [TEST_PACK, NEXT_PACK]) expect(installation.indexed(pack)).toEqual(all)
    for (const person of made) expect(await nameOf(person.id)).toEqual([person.id])
  })
})
