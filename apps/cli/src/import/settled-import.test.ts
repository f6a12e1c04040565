import { expect, it } from 'vitest'
import type { ImportAnswer } from './import-calls.ts'
import { settledImport } from './settled-import.ts'

const made = (underWay: number) => ({ rows: { underWay } }) as ImportAnswer

it('counts no row as under way that is about to be taken back', async () => {
  const counts = [104, 104, 0]
  const now = await settledImport(async () => made(counts.shift() ?? 0), { patienceMs: 10_000, everyMs: 1 })
  expect(now.rows.underWay).toBe(0)
})

it('tells of those that are worked on, after a while', async () => {
  expect((await settledImport(async () => made(2), { patienceMs: 5, everyMs: 1 })).rows.underWay).toBe(2)
})
