import { aDescriptor } from '@semblance/testkit'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileKernel } from '../kernel/compile-kernel.ts'
import { STREAMS } from '../kernel/scan-kernel.ts'
import { GalleryMemory } from '../memory/gallery-memory.ts'
import { BOUND_WORDS, blockPlace, scratchOf, vectorLayout } from '../memory/vector-layout.ts'
import type { WasmModule } from '../memory/web-assembly.ts'
import { openChunk, padList } from './chunk-view.ts'
import { leastOf, makeCoarseProbe } from './coarse-probe.ts'

let kernel: WasmModule
beforeAll(async () => {
  kernel = await compileKernel()
})

/** The rows that some probes nominate, each above a cutoff of its own; by probe. */
function nominate(
  rows: readonly Float32Array[],
  probes: readonly { readonly values: Float32Array; readonly cutoff: number }[],
): number[][] {
  const dimensions = rows[0]?.length ?? 0
  const layout = vectorLayout({ dimensions, threads: 1, chunkBytes: 1, firstLook: 'coarse' })
  const memory = new GalleryMemory(layout)
  for (const [row, values] of rows.entries()) memory.vectors.write(row, values)
  const [growth] = memory.growths
  if (growth?.kind !== 'chunk') throw new Error('rows came without memory')
  const control = new SharedArrayBuffer(4)
  const chunk = openChunk({ kind: 'setup', thread: 0, layout, kernel, control }, growth.memory)
  for (const [at, { values, cutoff }] of probes.entries()) {
    const coarse = makeCoarseProbe(values, chunk.coarseProbes.subarray(at * layout.coarseRowBytes))
    chunk.bounds.set([coarse.reach, leastOf(coarse, cutoff)], at * BOUND_WORDS)
  }
  const count = rows.length
  for (let row = 0; row < count; row++) chunk.chosen.numbers[row] = row
  const padded = padList(chunk.chosen, { count, streams: STREAMS })
  const { coarseProbesAt, boundsAt, nominatedAt } = scratchOf(layout, 0)
  const { coarseRowsAt, factsAt } = blockPlace(layout, 0)
  const at = [chunk.chosen.at, padded, coarseProbesAt, coarseRowsAt, layout.coarseRowBytes, factsAt] as const
  if (probes.length === 1) chunk.kernel.nominate(...at, boundsAt, nominatedAt)
  else chunk.kernel.nominateMany(...at, boundsAt, nominatedAt, probes.length, 4096)
  return probes.map((_, nth) => {
    const listed = chunk.boundWords[nth * BOUND_WORDS + 2] ?? 0
    return [...chunk.nominated.subarray(nth * 1024, nth * 1024 + listed)].filter((place) => place < count)
  })
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
}

function unit(values: Iterable<number>): Float32Array {
  const all = [...values]
  const length = Math.hypot(...all)
  return Float32Array.from(all, (value) => value / length)
}

const flat = (dimensions: number): Float32Array =>
  unit(Array.from({ length: dimensions }, (_, at) => (at % 3 === 0 ? -1 : 1)))

/** All of what steps leave out of it points along `towards`: what is lost is all that a probe like that can lose. */
function aWorstCase(towards: Float32Array, most: number): Float32Array {
  const steps = towards.map((value, at) => (at === 0 ? most : ((at * 37) % most) + 0.499 * Math.sign(value)))
  return unit(steps)
}

const aVector = (dimensions: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.oneof(fc.float({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, -1, 1e-3, 1e-40)), {
      minLength: dimensions,
      maxLength: dimensions,
    })
    .map((values) => (Math.hypot(...values) < 1e-3 ? flat(dimensions) : unit(values)))

describe('the first look at coarse rows', () => {
  it.each([7, 64, 192, 384, 512])('nominates whatever has the least cosine, with %i values', (dimensions) => {
    const vectors = fc.array(aVector(dimensions), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(vectors, aVector(dimensions), aVector(dimensions), (rows, one, other) => {
        for (const [at, row] of rows.entries()) {
          const probes = [one, other].map((values) => ({ values, cutoff: cosine(row, values) }))
          expect(nominate(rows, probes.slice(0, 1))[0]).toContain(at)
          for (const nominated of nominate(rows, probes)) expect(nominated).toContain(at)
        }
      }),
      { numRuns: 25 },
    )
  })

  it.each([
    ['a row', 192, 127],
    ['a row', 512, 127],
    ['a probe', 192, 63],
    ['a probe', 512, 63],
  ])('nominates the worst case of %s of %i values, and not what is out of reach', (kind, dimensions, most) => {
    const even = flat(dimensions)
    const worst = aWorstCase(even, most)
    const [row, probe] = kind === 'a row' ? [worst, even] : [even, worst]
    const exact = cosine(row, probe)
    // Half a step of every value; a step is the greatest value's share.
    const bound = (Math.sqrt(dimensions) * Math.max(...worst)) / most / 2
    expect(nominate([row], [{ values: probe, cutoff: exact }])).toEqual([[0]])
    expect(nominate([row], [{ values: probe, cutoff: exact + 0.02 * bound + 1e-5 }])).toEqual([[]])
    // Turned around it loses as much downwards: the first look takes it for better than it is.
    const turned = aWorstCase(
      even.map((value) => -value),
      most,
    )
    const [low, lowProbe] = kind === 'a row' ? [turned, even] : [even, turned]
    expect(
      nominate([low], [{ values: lowProbe, cutoff: cosine(low, lowProbe) + 2.02 * bound + 1e-5 }]),
    ).toEqual([[]])
    expect(nominate([low], [{ values: lowProbe, cutoff: cosine(low, lowProbe) + 1.9 * bound }])).toEqual([
      [0],
    ])
  })

  it('adds up the greatest products exactly: pairs of them just fit into 16 bits', () => {
    const even = Float32Array.from({ length: 512 }, () => 512 ** -0.5)
    const odd = even.map((value) => -value)
    for (const [row, probe] of [
      [even, even],
      [even, odd],
      [odd, even],
      [odd, odd],
    ] as const) {
      const exact = cosine(row, probe)
      expect(nominate([row], [{ values: probe, cutoff: exact }])).toEqual([[0]])
      expect(nominate([row], [{ values: probe, cutoff: exact + 1e-5 }])).toEqual([[]])
    }
  })

  it('nominates for each probe by itself, and everything where there is no cutoff', () => {
    const rows = Array.from({ length: 50 }, (_, seed) => aDescriptor(seed, { dimensions: 100 }).values)
    const probes = [3, 40].map((seed) => ({ values: rows[seed] ?? new Float32Array(), cutoff: 0.9 }))
    expect(nominate(rows, probes)).toEqual([[3], [40]])
    const open = probes.map(({ values }) => ({ values, cutoff: Number.NEGATIVE_INFINITY }))
    for (const nominated of nominate(rows, open)) expect(new Set(nominated).size).toBe(50)
  })

  it('leaves few doubts: of strangers, hardly any come up to the cosine of the same face', () => {
    const rows = Array.from({ length: 1000 }, (_, seed) => aDescriptor(seed + 1).values)
    const probe = aDescriptor(0).values
    const [nominated = []] = nominate(rows, [{ values: probe, cutoff: 0.3 }])
    expect(nominated.length).toBeLessThan(10)
  })
})
