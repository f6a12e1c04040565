import { expect, it } from 'vitest'
import { inBatches } from './in-batches.ts'
import { SourceFault } from './source-fault.ts'
import type { SourceItem } from './source-row.ts'

async function* rows(count: number, bytes: number, fault?: Error): AsyncGenerator<SourceItem> {
  for (let i = 1; i <= count; i++) {
    const picture = { bytes: new Uint8Array(bytes) }
    yield { kind: 'row', key: `${i}`, position: i, person: { by: 'key', key: `${i}` }, picture }
  }
  if (fault !== undefined) throw fault
}

/** Two rows, and then nothing until `go`. */
async function* stalling(go: Promise<void>): AsyncGenerator<SourceItem> {
  yield* rows(2, 1)
  await go
  yield* rows(1, 1)
}

async function sizesOf(items: AsyncIterable<SourceItem>, sizes: number[]): Promise<void> {
  for await (const batch of inBatches(items, { items: 3, bytes: 100 })) sizes.push(batch.length)
}

it('gives batches that are full by number or by bytes, and the rest', async () => {
  for (const [bytes, expected] of [
    [1, [3, 3, 1]],
    [60, [2, 2, 2, 1]],
  ] as const) {
    const sizes: number[] = []
    await sizesOf(rows(7, bytes), sizes)
    expect(sizes).toEqual(expected)
  }
})

it('gives a few first, and then ever more, so that work on them begins early', async () => {
  const sizes: number[] = []
  const batches = inBatches(rows(30, 1), { items: 9, firstItems: 2, bytes: 100 })
  for await (const batch of batches) sizes.push(batch.length)
  expect(sizes).toEqual([2, 4, 8, 9, 7])
})

it('gives what came before a fault, and then the fault', async () => {
  const sizes: number[] = []
  const fault = new SourceFault('truncated', 'it ends too early')
  await expect(sizesOf(rows(4, 1, fault), sizes)).rejects.toBe(fault)
  expect(sizes).toEqual([3, 1])
})

it('gives what it holds once that has waited long enough, and loses nothing', async () => {
  const { promise: go, resolve } = Promise.withResolvers<void>()
  const batches = inBatches(stalling(go), { items: 3, bytes: 100, waitMs: 5 })
  expect((await batches.next()).value).toHaveLength(2)
  resolve()
  expect((await batches.next()).value).toHaveLength(1)
  expect((await batches.next()).done).toBe(true)
})
