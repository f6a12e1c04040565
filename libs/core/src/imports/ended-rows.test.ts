import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ImportId } from '../ids.ts'
import { aRow } from '../testing/index.ts'
import { EndedRows } from './ended-rows.ts'
import type { ImportRow } from './import-row.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** `end` tells how many rows were written together. */
function endedRows(areAllIn: () => boolean) {
  const written: number[] = []
  const rows = {
    end: async ({ rows }: { readonly rows: readonly { readonly position: number }[] }) => {
      written.push(rows.length)
      return rows.map(({ position }) => position)
    },
  }
  const deps = { imports: { rows }, staged: {} } as unknown as ConstructorParameters<typeof EndedRows>[0]
  const ended = new EndedRows(deps, {
    holder: 'a process',
    window: 64,
    areAllIn,
    isStillHeld: () => true,
    onLeft: () => {},
    onFault: () => {},
  })
  const add = (position: number) => {
    const row = { ...aRow(), position, imageId: null, outcome: null } as unknown as ImportRow
    return ended.add('an import' as ImportId, { row, outcome: { kind: 'no-face' } })
  }
  return { add, written }
}

it('writes outcomes together while more of them are to come', async () => {
  const { add, written } = endedRows(() => false)
  const adding = [add(1), add(2), add(3)]
  await vi.advanceTimersByTimeAsync(1)
  expect(written).toEqual([])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(written).toEqual([3])
  await Promise.all(adding)
})

it('waits for nobody once all outcomes are in', async () => {
  let areAllIn = false
  const { add, written } = endedRows(() => areAllIn)
  const adding = [add(1)]
  areAllIn = true
  adding.push(add(2))
  await vi.advanceTimersByTimeAsync(1)
  expect(written).toEqual([2])
  await vi.advanceTimersByTimeAsync(5_000)
  await Promise.all(adding)
})
