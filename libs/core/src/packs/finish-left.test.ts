import { beforeEach, describe, expect, it } from 'vitest'
import type { ImageId, PersonId } from '../ids.ts'
import { enrollPicture } from '../images/enroll-picture.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import { aPicture, makePerson, TEST_PACK } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation, type PackInstallation } from '../testing/pack-installation.ts'
import { dropPack } from './change-pack.ts'
import { finishLeft } from './finish-left.ts'

const MINUTE = 60_000

let installation: PackInstallation
let process: Awaited<ReturnType<PackInstallation['restart']>>
let personId: PersonId
beforeEach(async () => {
  installation = await openPackInstallation({ blindTo: ['masked'] })
  process = await installation.restart()
  const person = await makePerson(process.gallery)
  personId = person.id
})

/** As a process leaves it that is killed once the picture is stored, and before the image is enrolled. */
async function beginAndDie(identity: string = personId): Promise<ImageId> {
  const imageId = installation.bare.newId() as ImageId
  const { pictures } = process.gallery
  const put: typeof pictures.put = async (id, bytes, waiting) => {
    await pictures.put(id, bytes, waiting)
    throw new Error('it was killed')
  }
  const gallery = { ...process.gallery, pictures: { ...pictures, put } }
  const job = { imageId, personId, picture: aPicture({ identities: [identity] }) }
  const dying = enrollPicture({ gallery, engine: process.packs.serving }, job, { lane: 'enroll' })
  await expect(dying).rejects.toThrow('it was killed')
  return imageId
}

const stateOf = async (id: ImageId) => (await process.gallery.records.images.findMany([id]))[0]?.state
const reconcileNow = () => reconcile(process.gallery, { waitsForOthers: false })
const finishNow = (redescribing = process.redescribing) =>
  finishLeft({ gallery: process.gallery, redescribing }, { signal: new AbortController().signal })
const finish = async (redescribing = process.redescribing) => {
  await installation.gallery.age(3 * MINUTE)
  return finishNow(redescribing)
}
/** Described by nobody of these packs: nobody has loaded them. */
const unloaded = (...packs: readonly string[]): typeof process.redescribing => ({
  ...process.redescribing,
  describe: async (asked, waiting) =>
    packs.includes(asked.packId) ? { outcome: 'not-loaded' } : process.redescribing.describe(asked, waiting),
})

describe('what a killed process left pending', () => {
  it('is enrolled once every pack has described it, and not before, whichever serves by then', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie()
    await process.packs.switchTo(NEXT_PACK)
    await reconcileNow()
    expect(await stateOf(image)).toBe('pending')
    await finish()
    expect(await stateOf(image)).toBe('ready')
    for (const pack of [TEST_PACK, NEXT_PACK]) expect(installation.indexed(pack)).toEqual([image])
  })

  it('is enrolled by the reconciler at once in a gallery that never moved, and once it was described', async () => {
    const before = await beginAndDie()
    await reconcileNow()
    expect(await stateOf(before)).toBe('ready')
    await process.packs.begin(NEXT_PACK)
    const since = await beginAndDie()
    await process.redescribing.describe(
      { imageId: since, packId: NEXT_PACK },
      { signal: new AbortController().signal },
    )
    // Indexes are filled with what is enrolled: the vectors of this one are not there after a restart.
    process = await installation.restart()
    expect(installation.indexed(NEXT_PACK)).toEqual([])
    await reconcileNow()
    expect(await stateOf(since)).toBe('ready')
    expect(installation.indexed(NEXT_PACK)).toEqual([since])
    expect(installation.indexed(TEST_PACK)).toEqual([before, since].toSorted())
  })

  it('is enrolled without the pack that makes nothing of it, which is noted', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie('masked')
    await finish()
    expect(await stateOf(image)).toBe('ready')
    const noted = await process.gallery.records.descriptors.listUndescribed({
      packId: NEXT_PACK,
      after: null,
      limit: 9,
    })
    expect(noted).toMatchObject([{ imageId: image, why: 'no-face' }])
  })

  it('waits for the pack that serves, and for no other that nobody has loaded', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie()
    await process.packs.switchTo(NEXT_PACK)
    await expect(finish(unloaded(NEXT_PACK))).rejects.toMatchObject({ code: 'E_NO_WORKER' })
    expect(await stateOf(image)).toBe('pending')
    await finish()
    expect(await stateOf(image)).toBe('ready')
    const since = await beginAndDie()
    await finish(unloaded(TEST_PACK))
    expect(await stateOf(since)).toBe('ready')
    expect(installation.indexed(NEXT_PACK)).toEqual([image, since].toSorted())
  })

  it('waits for the pack that came to serve while it was looked at', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie()
    const describe: typeof process.redescribing.describe = async () => {
      await process.packs.switchTo(NEXT_PACK)
      return { outcome: 'not-loaded' }
    }
    await expect(finish({ ...process.redescribing, describe })).rejects.toMatchObject({ code: 'E_NO_WORKER' })
    expect(await stateOf(image)).toBe('pending')
  })

  it('is not read while it waits', async () => {
    await process.packs.begin(NEXT_PACK)
    await beginAndDie()
    const { pictures } = process.gallery
    let read = 0
    const get: typeof pictures.get = async (id, waiting) => {
      read++
      return pictures.get(id, waiting)
    }
    process = { ...process, gallery: { ...process.gallery, pictures: { ...pictures, get } } }
    await installation.gallery.age(3 * MINUTE)
    await reconcileNow()
    expect(read).toBe(0)
  })

  it('is enrolled by the pack that is left where its own was dropped', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie()
    await process.packs.switchTo(NEXT_PACK)
    const { gallery, packs: desk } = process
    expect(await dropPack({ gallery, operations: installation.operations, desk })).toMatchObject({
      outcome: 'changed',
    })
    await process.packs.tidied()
    await finish()
    expect(await stateOf(image)).toBe('ready')
    expect(installation.indexed(NEXT_PACK)).toEqual([image])
    await process.packs.tidied()
    expect((await process.gallery.records.images.find(image))?.descriptor.packId).toBe(NEXT_PACK)
  })

  it('is not waited for where nobody else can have written, and what this process writes is left to it', async () => {
    await process.packs.begin(NEXT_PACK)
    const before = await beginAndDie()
    await installation.gallery.age(1_000)
    const aloneSince = process.gallery.clock.monotonic() - 500
    const since = await beginAndDie()
    // Set back meanwhile, as a computer does that has asked for the time.
    const { clock } = process.gallery
    const setBack = { ...clock, now: () => clock.now() - 60 * MINUTE, monotonic: () => clock.monotonic() }
    process = { ...process, gallery: { ...process.gallery, clock: setBack } }
    await finishNow({
      ...process.redescribing,
      desk: {
        readPacks: process.packs.readPacks.bind(process.packs),
        tidyOnceMore: () => process.packs.tidyOnceMore(),
        aloneSince,
      } as typeof process.packs,
    })
    expect([await stateOf(before), await stateOf(since)]).toEqual(['ready', 'pending'])
  })

  it('leaves nothing where its person is deleted while it is described', async () => {
    await process.packs.begin(NEXT_PACK)
    const image = await beginAndDie()
    const { describe: described } = process.redescribing
    await finish({
      ...process.redescribing,
      describe: async (asked, waiting) => {
        const outcome = await described(asked, waiting)
        await deletePerson(process.gallery, personId)
        return outcome
      },
    })
    await reconcileNow()
    expect(['gone', 'erased', undefined]).toContain(await stateOf(image))
    for (const pack of [TEST_PACK, NEXT_PACK]) expect(installation.indexed(pack)).toEqual([])
    expect(await process.gallery.pictures.get(image)).toBeNull()
  })

  it('keeps nobody waiting who is behind one that cannot be finished', async () => {
    await process.packs.begin(NEXT_PACK)
    const [broken, other] = [await beginAndDie(), await beginAndDie()]
    const { pictures } = process.gallery
    const get: typeof pictures.get = async (id, waiting) => {
      if (id === broken) throw new Error('a bad sector')
      return pictures.get(id, waiting)
    }
    process = { ...process, gallery: { ...process.gallery, pictures: { ...pictures, get } } }
    await finish()
    expect([await stateOf(broken), await stateOf(other)]).toEqual(['pending', 'ready'])
  })
})
