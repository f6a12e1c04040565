import { expect, it } from 'vitest'
import { compareWithModel } from './check-model.ts'
import { readMeasured } from './read-inputs.ts'

/** How far the model may be off, as a share of what was measured. The p95 of a thread that is hardly ever idle is the hardest. */
const TOLERANCE = { 'answered/s': 0.15, 'p50 ms': 0.15, 'p95 ms': 0.2 } as const

const { runs } = readMeasured().serving

it.each(
  runs.filter(({ workers }) => workers === 1),
)('the model tells how many are answered, p50 and p95 of a real worker at $rate searches a second', (run) => {
  const wrong = compareWithModel(run, runs).filter(({ figure, off }) => Math.abs(off) > TOLERANCE[figure])
  expect(wrong).toEqual([])
})

it('was compared with three runs of one worker', () => {
  expect(runs.filter(({ workers }) => workers === 1).length).toBe(3)
})
