import { expect, it } from 'vitest'
import { ByteRoom } from './byte-room.ts'

it('gives each byte to one at a time, and takes it back', () => {
  const room = new ByteRoom(100, () => 0)
  const first = room.take(60, () => {})
  expect(room.take(41, () => {})).toBeNull()
  const second = room.take(40, () => {})
  expect(first?.resize(61)).toBe(false)
  expect(first?.resize(10)).toBe(true)
  expect(second?.resize(90)).toBe(true)
  first?.leave()
  first?.leave()
  second?.leave()
  expect(room.take(100, () => {})).not.toBeNull()
})

it('holds nobody slow before the other side is awaited', () => {
  let now = 0
  const room = new ByteRoom(100, () => now)
  const out: string[] = []
  const place = room.take(100, () => out.push('place'))
  place?.settle()
  now = 20_000
  expect(room.take(1, () => {})).toBeNull()
  place?.begin()
  now = 25_000
  expect(room.take(1, () => {})).toBeNull()
  now = 25_001
  expect(room.take(1, () => {})).not.toBeNull()
  expect(out).toEqual(['place'])
})

it('puts out who is slow when another needs the room, and nobody else', () => {
  let now = 0
  const room = new ByteRoom(100_000_000, () => now)
  const out: string[] = []
  const slow = room.take(40_000_000, () => out.push('slow'))
  const quick = room.take(40_000_000, () => out.push('quick'))
  const done = room.take(20_000_000, () => out.push('done'))
  done?.settle()
  now = 10_000
  slow?.move(500_000)
  quick?.move(5_000_000)
  expect(room.take(30_000_000, () => {})).not.toBeNull()
  expect(out).toEqual(['slow'])
  expect(slow?.resize(1)).toBe(false)
  expect(room.take(30_000_000, () => {})).toBeNull()
})

it('puts out no more than it needs, and nobody where that would not be enough', () => {
  let now = 0
  const room = new ByteRoom(100, () => now)
  const out: string[] = []
  for (const name of ['a', 'b', 'c']) room.take(30, () => out.push(name))
  const settled = room.take(10, () => out.push('settled'))
  settled?.settle()
  now = 5_001
  expect([room.hasRoom(90), room.hasRoom(91)]).toEqual([true, false])
  expect(room.take(91, () => {})).toBeNull()
  expect(out).toEqual([])
  expect(room.take(40, () => {})).not.toBeNull()
  expect(out).toEqual(['a', 'b'])
})

it('counts the time in which the other side is awaited, and no other', () => {
  let now = 0
  const room = new ByteRoom(100, () => now)
  const out: string[] = []
  const place = room.take(100, () => out.push('place'))
  // Three parts that take 10 s to be made, and 2 s to be taken.
  for (let part = 0; part < 3; part++) {
    expect(room.hasRoom(1)).toBe(false)
    place?.settle()
    now += 10_000
    expect(room.hasRoom(1)).toBe(false)
    place?.begin()
    now += 2_000
    place?.move(1)
  }
  expect(room.hasRoom(1)).toBe(true)
})

it('puts nobody out for the room that they themselves ask for, and loses none of it', () => {
  let now = 0
  const room = new ByteRoom(100, () => now)
  const out: string[] = []
  const slow = room.take(60, () => out.push('slow'))
  const quick = room.take(40, () => out.push('quick'))
  now = 5_001
  quick?.move(1_000_000)
  expect(slow?.resize(65)).toBe(false)
  expect(out).toEqual([])
  slow?.leave()
  quick?.leave()
  expect(room.take(100, () => {})).not.toBeNull()
})
