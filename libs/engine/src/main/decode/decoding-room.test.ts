import { describe, expect, it } from 'vitest'
import type { TaskWork } from '../pool/thread-pool.ts'
import { DecodingRoom } from './decoding-room.ts'

const LIGHT = { bytes: 30_000_000, ms: 100 }
const HEAVY = { bytes: 400_000_000, ms: 2_000 }

let tickets = 0
function aJob(signal: AbortSignal = new AbortController().signal): TaskWork {
  return { lane: 'search', ticket: tickets++, signal }
}

/** Decodes until told, as a part of its job. */
function stay(room: DecodingRoom, cost: typeof LIGHT, work = aJob()) {
  const { promise, resolve } = Promise.withResolvers<void>()
  let hasBegun = false
  const done = room.admit(cost, work, () =>
    room.decode(cost, work, async () => {
      hasBegun = true
      await promise
    }),
  )
  return { done, leave: resolve, hasBegun: () => hasBegun }
}

async function settled(): Promise<void> {
  await new Promise(setImmediate)
}

describe('the room for decoding', () => {
  it('has a thread for light pictures, however many heavy ones wait', async () => {
    const room = new DecodingRoom({ threads: 2, maxBytes: 800_000_000 })
    const heavy = [stay(room, HEAVY), stay(room, HEAVY), stay(room, HEAVY)]
    const light = [stay(room, LIGHT), stay(room, LIGHT), stay(room, LIGHT)]
    await settled()
    expect(heavy.map((one) => one.hasBegun())).toEqual([true, false, false])
    expect(light.map((one) => one.hasBegun())).toEqual([true, true, false])
    for (const one of [...heavy, ...light]) one.leave()
    await Promise.all([...heavy, ...light].map(({ done }) => done))
  })

  it('refuses at once who brings a heavy picture when others have enough, and says when to come again', async () => {
    const room = new DecodingRoom({ threads: 2, maxBytes: 800_000_000 })
    const inside = [stay(room, HEAVY), stay(room, HEAVY), stay(room, HEAVY)]
    await expect(stay(room, HEAVY).done).rejects.toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 6 })
    inside[0]?.leave()
    await inside[0]?.done
    const next = stay(room, HEAVY)
    for (const one of [...inside, next]) one.leave()
    await Promise.all([...inside, next].map(({ done }) => done))
  })

  it('the heavy pictures of one job count once', async () => {
    const room = new DecodingRoom({ threads: 1, maxBytes: 800_000_000 })
    const { signal } = new AbortController()
    const pictures = Array.from({ length: 8 }, () => stay(room, HEAVY, aJob(signal)))
    for (const one of pictures) one.leave()
    await Promise.all(pictures.map(({ done }) => done))
    expect(pictures.every((one) => one.hasBegun())).toBe(true)
  })

  it('keeps the heavy ones within its memory', async () => {
    const room = new DecodingRoom({ threads: 8, maxBytes: 900_000_000 })
    const heavy = Array.from({ length: 4 }, () => stay(room, HEAVY))
    await settled()
    expect(heavy.filter((one) => one.hasBegun())).toHaveLength(2)
    expect(room.load).toEqual({ pictures: 2, bytes: 2 * HEAVY.bytes })
    for (const one of heavy) one.leave()
    await Promise.all(heavy.map(({ done }) => done))
    expect(room.load).toEqual({ pictures: 0, bytes: 0 })
  })

  it('one whose caller leaves gives its place back', async () => {
    const room = new DecodingRoom({ threads: 1, maxBytes: 800_000_000 })
    const leaving = new AbortController()
    const first = stay(room, HEAVY)
    const second = stay(room, HEAVY, aJob(leaving.signal))
    leaving.abort(new Error('left'))
    await expect(second.done).rejects.toThrow('left')
    const third = stay(room, HEAVY)
    for (const one of [first, third]) one.leave()
    await Promise.all([first.done, third.done])
  })
})
