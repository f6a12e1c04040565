import { beforeEach, describe, expect, it } from 'vitest'
import { deadlineMissed, engineFailed, workerDied } from '../errors.ts'
import type { ImageId } from '../ids.ts'
import { enrollPicture } from '../images/enroll-picture.ts'
import { aPicture, makePerson, TEST_PACK } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation, type PackInstallation } from '../testing/pack-installation.ts'
import { describeLeft } from './keep-described.ts'

const MINUTE = 60_000

let installation: PackInstallation
let process: Awaited<ReturnType<PackInstallation['restart']>>
beforeEach(async () => {
  installation = await openPackInstallation()
  process = await installation.restart()
})

/** As a process leaves it that dies once the picture is enrolled, and before another pack has described it. */
async function enrollAndDie(): Promise<ImageId> {
  const { id: personId } = await makePerson(process.gallery)
  const imageId = installation.bare.newId() as ImageId
  const job = { imageId, personId, picture: aPicture({ identities: [personId] }) }
  await enrollPicture({ gallery: process.gallery, engine: process.packs.serving }, job, { lane: 'enroll' })
  return imageId
}

/** So long after now. */
const keep = (laterMs = 2 * MINUTE) => {
  const clock = { ...process.gallery.clock, now: () => Date.now() + laterMs }
  const { operations } = installation
  const deps = { gallery: { ...process.gallery, clock }, operations, redescribing: process.redescribing }
  return describeLeft(deps, 10 * MINUTE, { signal: new AbortController().signal })
}

describe('a picture whose process died before every pack had described it', () => {
  it('is described by the one that is lacking: by the other, and by the one that has come to serve', async () => {
    expect(await process.packs.begin(NEXT_PACK)).toBe('begun')
    const one = await enrollAndDie()
    // At the switch itself: by the former pack alone, and nobody was told of it.
    const other = await enrollAndDie()
    await process.packs.switchTo(NEXT_PACK)
    expect(installation.indexed(NEXT_PACK)).toEqual([])
    expect(await keep()).toBe(2)
    expect(installation.indexed(NEXT_PACK)).toEqual([one, other].toSorted())
    const since = await enrollAndDie()
    expect(await keep()).toBe(1)
    expect(installation.indexed(TEST_PACK)).toEqual([one, other, since].toSorted())
    expect(await keep()).toBe(0)
  })

  it('is left to the job that enrolled it for a minute, and costs nothing in a gallery that never moved', async () => {
    await enrollAndDie()
    expect(await keep()).toBe(0)
    await process.packs.begin(NEXT_PACK)
    await enrollAndDie()
    expect(await keep(MINUTE / 2)).toBe(0)
    expect(await keep()).toBe(2)
  })

  it('is told and not passed over while the networks of the pack that is lacking answer to nothing', async () => {
    await process.packs.begin(NEXT_PACK)
    const imageId = await enrollAndDie()
    const described = process.redescribing.describe
    process = {
      ...process,
      redescribing: { ...process.redescribing, describe: async () => ({ outcome: 'not-loaded' }) },
    }
    await expect(keep()).rejects.toMatchObject({ code: 'E_NO_WORKER' })
    process = { ...process, redescribing: { ...process.redescribing, describe: described } }
    expect(await keep()).toBe(1)
    expect(installation.indexed(NEXT_PACK)).toEqual([imageId])
  })

  it.each([
    ['has ended its workers', workerDied('redescribe')],
    ['was not done in time', deadlineMissed('redescribe', 1)],
    ['has failed', engineFailed(new Error('the networks give what cannot be'))],
  ])('is noted once it %s in three looks, and those behind it do not wait for that', async (_, fault) => {
    await process.packs.begin(NEXT_PACK)
    const [killer, other] = [await enrollAndDie(), await enrollAndDie()]
    const { describe: described } = process.redescribing
    let deaths = 0
    const dying: typeof described = async (asked, waiting) => {
      if (asked.imageId !== killer) return described(asked, waiting)
      deaths += 1
      throw fault
    }
    process = { ...process, redescribing: { ...process.redescribing, describe: dying } }
    expect([await keep(), await keep(), await keep(), await keep()]).toEqual([1, 0, 0, 0])
    expect(installation.indexed(NEXT_PACK)).toEqual([other])
    expect(deaths).toBe(3)
    const lacking = { packId: NEXT_PACK, after: null, limit: 9 }
    const noted = await process.gallery.records.descriptors.listUndescribed(lacking)
    expect(noted).toMatchObject([{ imageId: killer, why: 'failed' }])
  })
})
