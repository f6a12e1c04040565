import { roundCosine } from '@semblance/core'
import { aDescriptor } from '@semblance/testkit'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type WasmModule, wasm } from '../memory/web-assembly.ts'
import { compileKernel } from './compile-kernel.ts'
import { type ScanKernel, STREAMS, screenError } from './scan-kernel.ts'

const DIMENSIONS = 512
const ROW_BYTES = DIMENSIONS * 4
const [PROBE_AT, LIST_AT, SCORES_AT, ROWS_AT] = [0, 4096, 8192, 16_384]

let compiled: WasmModule
beforeAll(async () => {
  compiled = await compileKernel()
})

/** Scores the rows as a scan does. */
function score(probe: Float32Array, rows: readonly Float32Array[]) {
  const memory = new wasm.Memory({ initial: 2, maximum: 2, shared: true })
  const kernel = new wasm.Instance(compiled, { index: { memory } }).exports as ScanKernel
  new Float32Array(memory.buffer, PROBE_AT).set(probe)
  const padded = Math.ceil(rows.length / STREAMS) * STREAMS
  for (let at = 0; at < padded; at++) {
    const row = Math.min(at, rows.length - 1)
    new Float32Array(memory.buffer, ROWS_AT + row * ROW_BYTES).set(rows[row]!)
    new Uint32Array(memory.buffer, LIST_AT)[at] = row
  }
  kernel.score(LIST_AT, padded, PROBE_AT, SCORES_AT, ROWS_AT, ROW_BYTES)
  const scores = [...new Float32Array(memory.buffer, SCORES_AT, rows.length)]
  const cosines = rows.map((_, at) => kernel.cosine(ROWS_AT + at * ROW_BYTES, PROBE_AT, ROW_BYTES))
  return { scores, cosines }
}

function sumInOrder(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}

describe('the scan kernel', () => {
  it('gives cosines bit for bit as adding up from first to last in float64 does', () => {
    const probe = aDescriptor(1).values
    const rows = Array.from({ length: 20 }, (_, seed) => aDescriptor(seed).values)
    expect(score(probe, rows).cosines).toEqual(rows.map((row) => sumInOrder(row, probe)))
  })

  it('screens within the stated error, for unit vectors of any spread', () => {
    const aValue = fc.oneof(fc.float({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1e-4, -1e-4, 1))
    const aUnitVector = fc.array(aValue, { minLength: DIMENSIONS, maxLength: DIMENSIONS }).map((values) => {
      const length = Math.hypot(...values) || 1
      return Float32Array.from(values, (value) => value / length)
    })
    fc.assert(
      fc.property(aUnitVector, fc.array(aUnitVector, { minLength: 1, maxLength: 9 }), (probe, rows) => {
        const { scores, cosines } = score(probe, rows)
        for (const [at, cosine] of cosines.entries())
          expect(Math.abs((scores[at] ?? Number.NaN) - cosine)).toBeLessThanOrEqual(screenError(DIMENSIONS))
      }),
      { numRuns: 40 },
    )
  })

  it('has an error far below what two persons differ by, so that second looks are rare', () => {
    expect(screenError(DIMENSIONS)).toBeLessThan(1e-5)
    expect(roundCosine(screenError(DIMENSIONS))).toBeGreaterThan(0)
  })
})
