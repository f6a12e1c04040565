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

/** `written` tells how many rows were written together. Each write ends when `until` does. */
function endedRows(areAllIn: () => boolean, until: Promise<void> = Promise.resolve()) {
  const written: number[] = []
  const rows = {
    end: async ({ rows }: { readonly rows: readonly { readonly position: number }[] }) => {
      written.push(rows.length)
      await until
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

it('tells of an outcome once it is written, neither before nor long after', async () => {
  let areAllIn = false
  const { promise: until, resolve: endWrite } = Promise.withResolvers<void>()
  const { add, written } = endedRows(() => areAllIn, until)
  let isTold = false
  const adding = add(1).then(() => (isTold = true))
  await vi.advanceTimersByTimeAsync(249)
  areAllIn = true
  const addingMore = [add(2), add(3)]
  await vi.advanceTimersByTimeAsync(10)
  expect([written, isTold]).toEqual([[3], false])
  endWrite()
  await vi.advanceTimersByTimeAsync(0)
  expect(isTold).toBe(true)
  await Promise.all([adding, ...addingMore])
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
