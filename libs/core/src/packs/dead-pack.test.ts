import { beforeEach, expect, it, vi } from 'vitest'
import { type AppError, deadlineMissed, engineFailed, storeUnavailable, workerDied } from '../errors.ts'
import type { ImageId, PackId } from '../ids.ts'
import { enrollPicture } from '../images/enroll-picture.ts'
import { pause } from '../lead.ts'
import type { OperationOf } from '../operations/operation.ts'
import { redescribeSome } from '../operations/redescribe.ts'
import { aPicture, makePerson, TEST_PACK } from '../testing/index.ts'
import { NEXT_PACK, openPackInstallation, type PackInstallation } from '../testing/pack-installation.ts'
import { switchPack } from './change-pack.ts'
import { describeAgain } from './describe-again.ts'

type Process = Awaited<ReturnType<PackInstallation['restart']>>

const PATIENCE = { timeout: 10_000 }

let installation: PackInstallation
let process: Process
beforeEach(async () => {
  installation = await openPackInstallation()
  process = await installation.restart()
})

async function enrollSome(count: number): Promise<readonly ImageId[]> {
  const images = []
  for (let i = 0; i < count; i++) {
    const { id } = await makePerson(process.gallery)
    images.push(await process.enroll(id, [id]))
  }
  return images
}

/** The networks of a pack fail from now on; `isKnown`: and the engine has found out that no picture is answered. */
function dies(packId: PackId, { isKnown }: { readonly isKnown: boolean }) {
  const engine = process.packs.of(packId)!
  const { findFaces } = engine
  const state = { asked: 0 }
  const failing = async () => {
    state.asked += 1
    throw engineFailed(new Error('no memory'))
  }
  Object.assign(engine, { isDead: isKnown, findFaces: failing })
  const revive = () => void Object.assign(engine, { isDead: false, findFaces })
  return { state, revive }
}

const undescribed = () => process.gallery.records.descriptors.countUndescribed(NEXT_PACK)
const change = () => ({ gallery: process.gallery, operations: installation.operations, desk: process.packs })

it('a pack whose networks answer to no picture holds a move up, and nothing is noted of any picture', async () => {
  await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  const { state, revive } = dies(NEXT_PACK, { isKnown: true })
  const faults: AppError[] = []
  const onDeferred = (_step: string, fault: unknown) => void faults.push(fault as AppError)
  const id = await installation.begin(process.packs)
  installation.start({
    gallery: { ...process.gallery, onDeferred },
    redescribing: process.redescribing,
  })
  await expect.poll(() => faults.at(-1)?.code, PATIENCE).toBe('E_NO_WORKER')
  expect([state.asked, await undescribed()]).toEqual([0, 0])
  revive()
  expect(await installation.expectDone(id)).toMatchObject({ undescribed: 0, held: null })
  expect(await installation.find(id)).toMatchObject({ done: 4, skipped: 0 })
}, 30_000)

it('a picture that the networks failed on before they were known to be dead is tried once more at the end', async () => {
  const images = await enrollSome(3)
  await process.packs.begin(NEXT_PACK)
  const { state, revive } = dies(NEXT_PACK, { isKnown: false })
  const id = await installation.begin(process.packs)
  const describe: typeof process.redescribing.describe = async (asked, waiting) => {
    if (asked.imageId !== images[0] || (await undescribed()) > 0) revive()
    return process.redescribing.describe(asked, waiting)
  }
  installation.start({
    gallery: process.gallery,
    redescribing: { ...process.redescribing, describe, atOnce: 1 },
  })
  expect(await installation.expectDone(id)).toMatchObject({ images: 3, undescribed: 0, held: null })
  expect(state.asked).toBe(3)
  expect(await installation.find(id)).toMatchObject({ done: 3, skipped: 0 })
}, 30_000)

it('a picture at which the networks die each time is noted, and those that were under way with it are described', async () => {
  const images = await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  const [killer] = images
  const engine = process.packs.of(NEXT_PACK)!
  let deadUntil = 0
  let deaths = 0
  const isDead = () => performance.now() < deadUntil
  Object.defineProperty(engine, 'isDead', { get: isDead })
  const describe: typeof process.redescribing.describe = async (asked, waiting) => {
    if (isDead()) return { outcome: 'not-loaded' }
    await pause(10, waiting.signal)
    if (asked.imageId === killer && !isDead()) {
      deaths += 1
      deadUntil = performance.now() + 3_000
    }
    await pause(10, waiting.signal)
    if (isDead()) throw engineFailed(new Error('the networks died'))
    return process.redescribing.describe(asked, waiting)
  }
  const id = await installation.begin(process.packs)
  installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
  await expect.poll(undescribed, { timeout: 30_000 }).toBe(1)
  const lacking = { packId: NEXT_PACK, after: null, limit: 9 }
  const noted = await process.gallery.records.descriptors.listUndescribed(lacking)
  expect(noted).toMatchObject([{ imageId: killer, why: 'failed' }])
  expect(deaths).toBe(3)
  expect(await installation.find(id)).toMatchObject({ failure: null })
}, 60_000)

/** Describes as ever, but for whatever is under way while the killer is: of that comes this fault. */
function dyingWith(killer: ImageId, faultOf: (imageId: ImageId) => AppError) {
  const underWay = new Set<ImageId>()
  const describe: typeof process.redescribing.describe = async (asked, waiting) => {
    underWay.add(asked.imageId)
    await pause(10, waiting.signal)
    const isDying = underWay.has(killer)
    await pause(10, waiting.signal)
    underWay.delete(asked.imageId)
    if (isDying) throw faultOf(asked.imageId)
    return process.redescribing.describe(asked, waiting)
  }
  return describe
}

it('a picture that ends each worker is noted, and those that the worker had as well are described', async () => {
  const [killer] = await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  const describe = dyingWith(killer!, () => workerDied('redescribe'))
  const told: unknown[] = []
  const onDeferred = (_step: string, fault: unknown) => void told.push(fault)
  await installation.begin(process.packs)
  const gallery = { ...process.gallery, onDeferred }
  installation.start({ gallery, redescribing: { ...process.redescribing, describe } })
  await expect.poll(undescribed, PATIENCE).toBe(1)
  const lacking = { packId: NEXT_PACK, after: null, limit: 9 }
  const noted = await process.gallery.records.descriptors.listUndescribed(lacking)
  expect(noted).toMatchObject([{ imageId: killer, why: 'failed' }])
  expect(told).toHaveLength(1)
}, 30_000)

it('a picture that no worker comes to the end of in time is noted, and those beside it are described', async () => {
  const [killer] = await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  const late: ImageId[] = []
  const describe = dyingWith(killer!, (imageId) => {
    late.push(imageId)
    return deadlineMissed('redescribe', 1)
  })
  await installation.begin(process.packs)
  installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
  await expect.poll(undescribed, PATIENCE).toBe(1)
  const lacking = { packId: NEXT_PACK, after: null, limit: 9 }
  const noted = await process.gallery.records.descriptors.listUndescribed(lacking)
  expect(noted).toMatchObject([{ imageId: killer, why: 'failed' }])
  expect(late.filter((imageId) => imageId !== killer)).toHaveLength(3)
}, 30_000)

it('pictures that nobody begins to describe in time wait, and none is noted', async () => {
  await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  let asked = 0
  const describe: typeof process.redescribing.describe = async (target, waiting) => {
    asked += 1
    if (asked <= 12) throw deadlineMissed('redescribe', 1, false)
    return process.redescribing.describe(target, waiting)
  }
  const noted = vi.spyOn(process.gallery.records.descriptors, 'note')
  const id = await installation.begin(process.packs)
  installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
  expect(await installation.expectDone(id)).toMatchObject({ undescribed: 0 })
  expect(noted.mock.calls.filter(([{ why }]) => why === 'failed')).toEqual([])
}, 30_000)

it('pictures that a worker died with are tried alone, also where another one of their part was held up', async () => {
  const [killer, , , heldUp] = await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  const died: ImageId[] = []
  let isAway = true
  const describe = dyingWith(killer!, (imageId) => {
    if (imageId === heldUp && isAway) {
      isAway = false
      return storeUnavailable(new Error('away'))
    }
    died.push(imageId)
    return workerDied('redescribe')
  })
  const id = await installation.begin(process.packs)
  installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
  expect(await installation.expectDone(id)).toMatchObject({ undescribed: 1 })
  // Beside the others, then alone until it has happened three times, and once more at the end of the move.
  expect(died.filter((imageId) => imageId === killer)).toHaveLength(4)
  expect(died).toHaveLength(6)
}, 30_000)

it('a pause of a move is noticed between two pictures that are tried alone', async () => {
  const images = await enrollSome(4)
  await process.packs.begin(NEXT_PACK)
  for (const imageId of images) process.redescribing.failedTries.note(`${NEXT_PACK} ${imageId}`, 1)
  const tried: ImageId[] = []
  const { records } = installation.operations
  const id = await installation.begin(process.packs)
  const describe: typeof process.redescribing.describe = async (asked, waiting) => {
    tried.push(asked.imageId)
    const operation = await installation.find(id)
    await records.update(operation, { state: 'paused', updatedAt: operation.updatedAt })
    return process.redescribing.describe(asked, waiting)
  }
  installation.start({ gallery: process.gallery, redescribing: { ...process.redescribing, describe } })
  await expect.poll(() => tried.length, PATIENCE).toBe(1)
  await pause(200, AbortSignal.timeout(5_000))
  expect(tried).toEqual([images[0]])
  expect(await installation.find(id)).toMatchObject({ state: 'paused', done: 1 })
}, 30_000)

it('a picture of the pack that is dead here is described by no other: nobody can tell which face was enrolled', async () => {
  const [imageId] = await enrollSome(1)
  await process.packs.begin(NEXT_PACK)
  const { revive } = dies(TEST_PACK, { isKnown: true })
  const target = { imageId: imageId!, packId: NEXT_PACK }
  expect(await describeAgain(process.deps, target, { lane: 'bulk' })).toEqual({ outcome: 'not-loaded' })
  revive()
  expect(await describeAgain(process.deps, target, { lane: 'bulk' })).toEqual({ outcome: 'described' })
})

it('a pack does not come to serve while its networks answer to no picture, and makes way for the other one', async () => {
  await enrollSome(2)
  const id = await installation.begin(process.packs, { switches: false })
  installation.start({ gallery: process.gallery, redescribing: process.redescribing })
  await installation.expectDone(id)
  const { revive } = dies(NEXT_PACK, { isKnown: true })
  const refused = { outcome: 'not-loaded', packId: NEXT_PACK, processes: 1 }
  expect(await switchPack(change(), { accepts: 0 })).toEqual(refused)
  expect(await process.packs.switchTo(NEXT_PACK)).toBe(false)
  revive()
  expect((await switchPack(change(), { accepts: 0 })).outcome).toBe('changed')
  dies(NEXT_PACK, { isKnown: true })
  expect((await switchPack(change(), { accepts: 0 })).outcome).toBe('changed')
  expect(process.packs.serving.packId).toBe(TEST_PACK)
})

it('a picture that a job enrolled without the new pack, and that fails right after the switch, is tried once more', async () => {
  await process.packs.begin(NEXT_PACK)
  const engine = process.packs.of(TEST_PACK)!
  await process.packs.switchTo(NEXT_PACK)
  const { id: personId } = await makePerson(process.gallery)
  const imageId = installation.bare.newId() as ImageId
  const job = { imageId, personId, picture: aPicture({ identities: [personId] }) }
  await enrollPicture({ gallery: process.gallery, engine }, job, { lane: 'enroll' })
  const { revive } = dies(NEXT_PACK, { isKnown: false })
  const { redescribing, gallery } = process
  let cursor: string | null | undefined = JSON.stringify({ at: 'settle', after: null })
  const step = async () => {
    const parameters = { packId: NEXT_PACK, share: 1, switches: true }
    const operation = { parameters, cursor, done: 0, skipped: 0, total: 1 } as OperationOf<'redescribe'>
    const { signal } = new AbortController()
    const { changes, isDone } = await redescribeSome({ gallery, redescribing }, operation, { signal })
    cursor = changes.cursor
    return isDone
  }
  expect(await step()).toBe(false)
  expect(await undescribed()).toBe(1)
  revive()
  expect(await step()).toBe(true)
  expect(await undescribed()).toBe(0)
  expect(installation.indexed(NEXT_PACK)).toEqual([imageId])
}, 30_000)
