import { KnownPacks } from '@semblance/cluster'
import type { FaceEngine, GalleryPacks, PackId } from '@semblance/core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { OpenedPack } from './packs-in-memory.ts'
import { WorkerPacks } from './worker-packs.ts'

const [FORMER, NEXT] = ['former@1', 'next@1'] as [PackId, PackId]

let recorded: GalleryPacks
let now: number
let events: string[]
let isMissing: (packId: PackId) => boolean
let dead: Set<PackId>

async function open(packId: PackId): Promise<OpenedPack> {
  if (isMissing(packId)) throw new Error('no such pack')
  events.push(`open ${packId}`)
  const engine = {
    packId,
    get isDead() {
      return dead.has(packId)
    },
  } as FaceEngine
  return { engine, close: async () => void events.push(`close ${packId}`) }
}

async function aWorker() {
  const known = new KnownPacks({ read: async () => recorded, clock: { monotonic: () => now } })
  const onApart = ({ serving }: GalleryPacks) => void events.push(`apart ${serving}`)
  const onFault = (packId: PackId) => void events.push(`fault ${packId}`)
  const packs = new WorkerPacks(
    { open, onServing: (packId) => void events.push(`serve ${packId}`), onFault, onApart },
    FORMER,
  )
  return { known, packs, follow: () => packs.follow({ known, settleMs: 0 }) }
}

beforeEach(() => {
  recorded = { serving: FORMER, other: null, rev: 0 }
  now = 0
  events = []
  isMissing = () => false
  dead = new Set()
})

describe('the packs of a worker', () => {
  it('are those that the gallery has when it starts, whatever the setting says', async () => {
    recorded = { serving: NEXT, other: null, rev: 3 }
    const { packs, follow } = await aWorker()
    await follow()
    expect(packs.serving).toBe(NEXT)
    await expect.poll(() => packs.loaded).toEqual([NEXT])
    await packs.use(async ({ serving, others }) => expect([serving.packId, others]).toEqual([NEXT, []]))
    await packs.close()
    // The pack of the settings may not even be there.
    expect(events).toEqual([`open ${NEXT}`, `apart ${NEXT}`, `serve ${NEXT}`, `close ${NEXT}`])
  })

  it('are no reason to start without the one that serves, but without the other one', async () => {
    recorded = { serving: NEXT, other: FORMER, rev: 2 }
    isMissing = (packId) => packId === NEXT
    await expect((await aWorker()).follow()).rejects.toMatchObject({
      code: 'E_PACK_MISMATCH',
      message: expect.stringMatching(/of model pack next@1, and no such pack.*MORE_PACKS=next@1/),
    })
    recorded = { serving: FORMER, other: NEXT, rev: 1 }
    const { packs, follow } = await aWorker()
    await follow()
    expect(packs.loaded).toEqual([FORMER])
    expect(events).toContain(`fault ${NEXT}`)
    await packs.use(async ({ others, of }) => expect([others, of(NEXT)]).toEqual([[], null]))
    await packs.close()
  })

  it('are asked for by each job as it begins: one that begins after the switch is by the new pack, loaded or not', async () => {
    const { packs, follow } = await aWorker()
    await follow()
    const mayEnd = Promise.withResolvers<void>()
    const job = packs.use(async ({ serving }) => {
      await mayEnd.promise
      return serving.packId
    })
    await new Promise(setImmediate)
    recorded = { serving: NEXT, other: FORMER, rev: 2 }
    expect(await packs.use(async ({ serving }) => serving.packId)).toBe(NEXT)
    recorded = { serving: NEXT, other: null, rev: 3 }
    await expect.poll(() => packs.loaded.includes(NEXT)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    // A job has it still, and whoever would drop its index is told so.
    expect(packs.loaded.toSorted()).toEqual([FORMER, NEXT])
    expect(events).not.toContain(`close ${FORMER}`)
    mayEnd.resolve()
    expect(await job).toBe(FORMER)
    await expect.poll(() => events, { timeout: 10_000 }).toContain(`close ${FORMER}`)
    await expect.poll(() => packs.loaded).toEqual([NEXT])
    await packs.close()
  })

  it('are told of as dead while their networks answer to no picture, and stay in memory', async () => {
    recorded = { serving: FORMER, other: NEXT, rev: 1 }
    const { packs, follow } = await aWorker()
    await follow()
    expect([packs.loaded, packs.dead]).toEqual([[FORMER, NEXT], []])
    dead.add(NEXT)
    expect([packs.loaded, packs.dead]).toEqual([[FORMER, NEXT], [NEXT]])
    await packs.close()
  })

  it('are not written by before every process knows of them', async () => {
    const { known, packs } = await aWorker()
    await packs.follow({ known, settleMs: 4_500 })
    recorded = { serving: FORMER, other: NEXT, rev: 1 }
    await expect.poll(() => packs.loaded, { timeout: 10_000 }).toEqual([FORMER, NEXT])
    await packs.use(async ({ others, of }) => expect([others, of(NEXT)]).toEqual([[], null]))
    now += 4_500
    await packs.use(async ({ others }) => expect(others.map(({ packId }) => packId)).toEqual([NEXT]))
    await packs.close()
  })
})
