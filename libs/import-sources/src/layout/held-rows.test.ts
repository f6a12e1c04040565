import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../fields/json-text.ts'
import { SourceFault } from '../source-fault.ts'
import type { SourceRow } from '../source-row.ts'
import { HeldRows, HeldRowsRoom } from './held-rows.ts'

const rowAt = (position: number): SourceRow => {
  const key = `row-${position}`
  return { kind: 'row', key, position, person: { by: 'key', key }, picture: { file: 'a' } }
}

const text = fc.string({ unit: 'binary', maxLength: 20 })
const optional = fc.option(text, { nil: undefined })
const someRow = fc
  .record({
    key: text,
    position: fc.nat(),
    person: fc.oneof(
      fc.record({ by: fc.constant('id' as const), id: text }),
      fc.record({ by: fc.constant('externalId' as const), externalId: text }),
      fc.record({ by: fc.constant('key' as const), key: text }),
    ),
    name: optional,
    metadata: optional,
    groups: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
    expireAt: optional,
  })
  .map((fields) => JSON.parse(JSON.stringify({ kind: 'row', ...fields })) as SourceRow)

describe('rows that wait for their files', () => {
  it('come back as they were, but for their picture', () => {
    fc.assert(
      fc.property(fc.array(someRow, { maxLength: 5 }), (rows) => {
        const held = new HeldRows(1_000_000)
        for (const row of rows) held.add('a', { ...row, picture: { file: 'a' } })
        expect([...(held.take('a') ?? [])]).toEqual(rows)
        expect(held.take('a')).toBeNull()
      }),
    )
  })

  it('keep the digits of what they bring back', () => {
    const held = new HeldRows(1_000_000)
    const restore = parseJson('restore', '{"n":1.0,"m":12345678901234567890}') as object
    held.add('a', { ...rowAt(1), restore })
    const [row] = [...held.rest()]
    expect(JSON.stringify(row?.restore)).toBe('{"n":1.0,"m":12345678901234567890}')
  })

  it('are those that nobody took, in the end', () => {
    const held = new HeldRows(1_000_000)
    for (const [at, path] of ['a', 'b', 'a', 'c'].entries()) held.add(path, rowAt(at + 1))
    held.take('b')
    expect([...held.rest()].map(({ position }) => position)).toEqual([1, 3, 4])
  })

  it('may name one file, however many they are: none is copied for the next', () => {
    const held = new HeldRows(1_000_000_000)
    const count = 100_000
    for (let position = 1; position <= count; position++) held.add('a', rowAt(position))
    let last = 0
    for (const { position } of held.take('a') ?? []) last = position
    expect(last).toBe(count)
  })

  it('take no more memory than they may, whichever file they name', () => {
    for (const pathOf of [(at: number) => `${at}`, () => 'a']) {
      const held = new HeldRows(1_000_000)
      let count = 0
      const fill = () => {
        for (; count < 100_000; count++) held.add(pathOf(count), rowAt(count))
      }
      expect(fill).toThrow(SourceFault)
      expect(count).toBeGreaterThan(3_000)
      expect(count).toBeLessThan(10_000)
    }
  })

  it('of several archives share a room, which is given back with the rows that are in it', () => {
    const room = new HeldRowsRoom(900)
    const [held, other] = [new HeldRows(1_000, room), new HeldRows(1_000, room)]
    const fill = () => {
      for (let position = 1; position <= 4; position++) other.add('a', rowAt(position))
    }
    for (let position = 1; position <= 5; position++) held.add('a', rowAt(position))
    expect(fill).toThrow(expect.objectContaining({ code: 'busy' }))
    held.close()
    expect(fill).not.toThrow()
  })

  it('leave the room to others as they are taken away', () => {
    const room = new HeldRowsRoom(1_000)
    const held = new HeldRows(1_000, room)
    for (const path of ['a', 'a', 'b']) held.add(path, rowAt(1))
    held.take('a')
    held.take('b')
    expect(room.take(1_000)).toBe(true)
    room.giveBack(1_000)
    held.close()
    expect(room.take(1_001)).toBe(false)
  })
})
