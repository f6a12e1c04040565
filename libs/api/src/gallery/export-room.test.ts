import { beforeEach, expect, it } from 'vitest'
import { ExportRoom } from './export-room.ts'

const PART = new Uint8Array(64_000)

let now: number
let room: ExportRoom
beforeEach(() => {
  now = 0
  room = new ExportRoom(() => now)
})

/** An export of many parts, each of which is made once it may be. */
function begin(mayBeMade: Promise<void> = Promise.resolve()) {
  return room
    .take(async function* parts() {
      for (;;) {
        await mayBeMade
        yield PART
      }
    })
    [Symbol.asyncIterator]()
}

it('cuts nobody off for the time that the server needs to make a part', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const four = Array.from({ length: 4 }, () => begin(promise))
  const parts = four.map((one) => one.next())
  now += 60_000
  expect(() => begin()).toThrow(expect.objectContaining({ code: 'E_OVERLOADED' }))
  resolve()
  for (const part of parts) expect((await part).done).toBe(false)
  for (const one of four) expect((await one.next()).done).toBe(false)
})

it('cuts off one that is taken too slowly for another that waits, and no more', async () => {
  const four = Array.from({ length: 4 }, () => begin())
  for (const one of four) await one.next()
  now += 6_000
  const fifth = begin()
  expect((await fifth.next()).done).toBe(false)
  const ends = await Promise.allSettled(four.map((one) => one.next()))
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

it('tells whoever sends one that it is to be cut off', async () => {
  const told: string[] = []
  const four = Array.from({ length: 4 }, (_, n) => {
    const parts = room.take(async function* parts() {
      yield PART
    })
    parts.enter((reason) => told.push(`${n}: ${reason.message}`))
    return parts[Symbol.asyncIterator]()
  })
  expect(() => begin()).toThrow(expect.objectContaining({ code: 'E_OVERLOADED' }))
  for (const one of four) await one.next()
  now += 6_000
  await begin().next()
  expect(told).toEqual(['0: an export was taken too slowly, and others waited'])
})

it('has its room back from whoever ends, leaves, or never takes a part', async () => {
  const untaken = Array.from({ length: 8 }, () => begin())
  expect(untaken).toHaveLength(8)
  const four = Array.from({ length: 4 }, () => begin())
  for (const one of four) await one.next()
  expect(() => begin()).toThrow(expect.objectContaining({ code: 'E_OVERLOADED' }))
  await four[0]!.return?.()
  expect((await begin().next()).done).toBe(false)
})

it('refuses whoever comes to take the first part after others took the last places', async () => {
  const five = Array.from({ length: 5 }, () => begin())
  const begun = await Promise.allSettled(five.map((one) => one.next()))
  expect(begun.filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { code: 'E_OVERLOADED' } },
  ])
})
