import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RowsAside } from './rows-aside.ts'

/** Rows that are looked at until the test says so, and then written until it says so. */
function someRows() {
  const rows = new RowsAside()
  const written: number[] = []
  let stepped = 0
  const stepAside = () => {
    stepped += 1
    return () => {}
  }
  const begin = (row: number, signal?: AbortSignal) => {
    const [look, write] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ended = rows.run({ stepAside, signal }, async (untilTogether) => {
      await look.promise
      await untilTogether()
      written.push(row)
      await write.promise
    })
    return { look: look.resolve, refuse: look.reject, end: write.resolve, ended }
  }
  return { begin, written, stepped: () => stepped }
}

const settle = async () => {
  for (let i = 0; i < 3; i++) await turn()
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('rows of imports that are to be written', () => {
  it('go on together, once eight have come', async () => {
    const { begin, written } = someRows()
    const rows = Array.from({ length: 10 }, (_, row) => begin(row))
    for (const row of rows.slice(0, 7)) row.look()
    await settle()
    expect(written).toEqual([])
    rows[7]!.look()
    await settle()
    expect(written).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('wait for others no longer than a quarter of a second', async () => {
    const { begin, written } = someRows()
    const [one] = [begin(0), begin(1)]
    one.look()
    await settle()
    await vi.advanceTimersByTimeAsync(249)
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(written).toEqual([0])
  })

  it('do not wait where no row is left that may come', async () => {
    const { begin, written } = someRows()
    const [one, other, refused] = [begin(0), begin(1), begin(2)]
    one.look()
    other.look()
    await settle()
    expect(written).toEqual([])
    refused.refuse(new Error('no face'))
    await expect(refused.ended).rejects.toThrow('no face')
    await settle()
    expect(written).toEqual([0, 1])
    const alone = begin(3)
    alone.look()
    await settle()
    expect(written).toEqual([0, 1, 3])
  })

  it('are sixteen at most: one more keeps its place and does not wait, until one of them has ended', async () => {
    const { begin, written, stepped } = someRows()
    const looking = begin(99)
    const rows = Array.from({ length: 17 }, (_, row) => begin(row))
    for (const row of rows) row.look()
    await settle()
    expect(stepped()).toBe(16)
    expect(written.toSorted((a, b) => a - b)).toEqual(rows.map((_, row) => row))
    rows[0]!.end()
    await rows[0]!.ended
    begin(17).look()
    await settle()
    expect(stepped()).toBe(17)
    looking.look()
  })

  it('leave when they are told to', async () => {
    const { begin, written } = someRows()
    const left = new AbortController()
    const [one, other] = [begin(0, left.signal), begin(1), begin(2)]
    one.look()
    other.look()
    await settle()
    left.abort(new Error('cancelled'))
    await expect(one.ended).rejects.toThrow('cancelled')
    await vi.advanceTimersByTimeAsync(250)
    expect(written).toEqual([1])
  })

  it('keep their place where nobody can step aside', async () => {
    const rows = new RowsAside()
    const wrote = rows.run({}, async (untilTogether) => {
      await untilTogether()
      return 'written'
    })
    expect(await wrote).toBe('written')
  })
})
