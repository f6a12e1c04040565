import type { PackId } from '@semblance/core'
import { anImage, aPerson, createNaiveRecordStore, TEST_PACK } from '@semblance/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { ClusterPacks, type ClusterPacksDeps, type KnownWorker } from './cluster-packs.ts'
import type { IndexOfPacks } from './index-of-packs.ts'
import { KnownPacks } from './known-packs.ts'

const [NEXT, THIRD] = ['next@1', 'third@1'] as [PackId, PackId]
const SETTLE_MS = 40

let records: ReturnType<typeof createNaiveRecordStore>
let workers: KnownWorker[]
/** Packs whose index there is. */
let indexes: Set<PackId>
let made: string[]

/** A gateway. */
function aDesk(given: Partial<Pick<ClusterPacksDeps, 'summaryOf'>> = {}): ClusterPacks {
  const { settings, descriptors } = records
  const clock = { monotonic: () => performance.now() }
  const index = {
    registrySettleMs: SETTLE_MS,
    make: async ({ packId }: { readonly packId: PackId }) => {
      indexes.add(packId)
      made.push(`index of ${packId}, ${(await settings.readPacks())?.other ?? 'one pack'}`)
    },
    of: async (packId: PackId) => ({ dropAll: async () => void indexes.delete(packId) }),
  }
  return new ClusterPacks({
    records: { settings, descriptors, packsWithGenerations: async () => [...indexes] },
    known: new KnownPacks({ read: () => settings.readPacks(), clock }),
    index: index as unknown as IndexOfPacks,
    summaryOf: async (name) => ({ packId: name as PackId, dimensions: 2 }),
    operatingPointOf: async () => 0.6,
    workers: async () => workers,
    ...given,
  })
}

beforeEach(async () => {
  records = createNaiveRecordStore({ now: () => 0, monotonic: () => 0 })
  await records.settings.claimPack(TEST_PACK)
  workers = [{ packs: [TEST_PACK] }, { packs: [TEST_PACK, NEXT] }]
  indexes = new Set([TEST_PACK])
  made = []
})

describe('the packs of a cluster', () => {
  it('are begun once, with an index before anybody reads of them, and no writer that does not know of them', async () => {
    const begun = performance.now()
    const desks = [aDesk(), aDesk(), aDesk()]
    expect(await Promise.all(desks.map((desk) => desk.begin(NEXT)))).toEqual(['begun', 'begun', 'begun'])
    expect(performance.now() - begun).toBeGreaterThanOrEqual(SETTLE_MS)
    expect(made[0]).toBe(`index of ${NEXT}, one pack`)
    expect(await records.settings.readPacks()).toEqual({ serving: TEST_PACK, other: NEXT, rev: 1 })
    expect(await aDesk().begin(THIRD)).toBe('busy')
    expect(await aDesk().begin(TEST_PACK)).toBe('begun')
    expect(indexes).toEqual(new Set([TEST_PACK, NEXT]))
  })

  it('are not switched while a live worker has not loaded the one that is to serve, or is too old to load a second', async () => {
    const desk = aDesk()
    await desk.begin(NEXT)
    expect(await desk.countUnready(NEXT)).toBe(1)
    expect(await desk.switchTo(NEXT)).toBe(false)
    workers = [{ packs: null }, { packs: [TEST_PACK, NEXT] }]
    expect(await desk.switchTo(NEXT)).toBe(false)
    workers = [{ packs: [TEST_PACK, NEXT], deadPacks: [NEXT] }]
    expect(await desk.countUnready(NEXT)).toBe(1)
    expect(await desk.switchTo(NEXT)).toBe(false)
    workers = [{ packs: [NEXT, TEST_PACK] }]
    expect(await desk.switchTo(THIRD)).toBe(false)
    expect(await desk.switchTo(NEXT)).toBe(true)
    expect(await records.settings.readPacks()).toEqual({ serving: NEXT, other: TEST_PACK, rev: 2 })
    // A run that died after the switch does it again.
    expect(await desk.switchTo(NEXT)).toBe(true)
    expect(await aDesk().switchTo(TEST_PACK)).toBe(true)
  })

  it('leave nothing of a dropped one, once no worker has it loaded for a job', async () => {
    const person = aPerson()
    const image = anImage({ personId: person.id })
    await records.persons.insert(person)
    await records.images.insert(image)
    const desk = aDesk()
    await desk.begin(NEXT)
    workers = [{ packs: [NEXT, TEST_PACK] }]
    await records.descriptors.note({ imageId: image.id, packId: NEXT, values: Float32Array.of(0.6, -0.8) })
    await desk.switchTo(NEXT)
    expect(await aDesk().drop()).toBe(true)
    expect(await aDesk().drop()).toBe(false)
    await desk.tidyAway()
    expect(indexes).toEqual(new Set([TEST_PACK, NEXT]))
    // Its networks have died, and a job that began before may be at its last writes.
    workers = [{ packs: [NEXT, TEST_PACK], deadPacks: [TEST_PACK] }]
    await desk.tidyAway()
    expect(indexes).toEqual(new Set([TEST_PACK, NEXT]))
    workers = [{ packs: [NEXT] }]
    await desk.tidyAway()
    expect(indexes).toEqual(new Set([NEXT]))
    expect((await records.images.find(image.id))?.descriptor.packId).toBe(NEXT)
    expect(await records.descriptors.find({ imageId: image.id, packId: TEST_PACK })).toBeNull()
    // It may come back.
    workers = [{ packs: [NEXT, TEST_PACK] }]
    expect(await desk.begin(TEST_PACK)).toBe('begun')
    await desk.tidyAway()
    expect(indexes).toEqual(new Set([TEST_PACK, NEXT]))
  })

  it('tell of a pack that is not at hand', async () => {
    const missing = async () => Promise.reject(new Error('no pack.json'))
    await expect(aDesk({ summaryOf: missing }).begin(NEXT)).rejects.toThrow('no pack.json')
    expect(await records.settings.readPacks()).toMatchObject({ other: null, rev: 0 })
  })
})
