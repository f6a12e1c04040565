import { expect, it } from 'vitest'
import { bySearchDistance, evaluateOpenSet, type Sample } from './open-set.ts'

const at = (subject: string, degrees: number): Sample => {
  const angle = (degrees * Math.PI) / 180
  return { subject, descriptor: Float32Array.of(Math.cos(angle), Math.sin(angle)) }
}
const faceless = (subject: string): Sample => ({ subject, descriptor: null })
const cos = (degrees: number) => Math.cos((degrees * Math.PI) / 180)

const SET = {
  enrolled: [at('Ada', 0), at('Grace', 90), faceless('Eve')],
  mated: [at('Ada', 10), at('Grace', 60), at('Grace', 20), faceless('Ada'), at('Eve', 45)],
  nonMated: [at('x', -30), at('y', 180), faceless('z')],
  leavesMatesOut: false,
}

it('counts who comes first, and misses probes and subjects without a face', () => {
  expect(evaluateOpenSet(SET).rank1).toBeCloseTo(2 / 5)
})

it('gives the threshold that a share of strangers exceeds, and who is missed at it', () => {
  const { nonMatedSearches, thresholdAt, fnirAt } = evaluateOpenSet(SET)
  expect(nonMatedSearches).toBe(3)
  // One of three strangers may pass: the second best of them is 90 degrees away.
  expect(thresholdAt(0.34)).toBeCloseTo(cos(90))
  expect(fnirAt(0.34)).toBeCloseTo(3 / 5)
  // None may pass: the stranger at 30 degrees is as near as Grace's probe.
  expect(thresholdAt(0.01)).toBeNull()
  expect(fnirAt(0.01)).toBeCloseTo(4 / 5, 1)
})

it('takes mated probes for strangers where their subject is left out', () => {
  const { nonMatedSearches, thresholdAt } = evaluateOpenSet({ ...SET, leavesMatesOut: true })
  expect(nonMatedSearches).toBe(8)
  // The nearest is the probe of Grace at 20 degrees from Ada.
  expect(thresholdAt(1 / 8)).toBeCloseTo(cos(30))
})

it('ranks, and lets through, by the distance of a search, which pushes two bad faces apart', () => {
  const bad = (sample: Sample): Sample => ({ ...sample, quality: 10, damage: 1 })
  const good = (sample: Sample): Sample => ({ ...sample, quality: 90, damage: 0 })
  const set = {
    enrolled: [good(at('Ada', 0)), bad(at('Grace', 30))],
    // Nearer to Grace by the cosine, but as bad as Grace's photo.
    mated: [bad(at('Ada', 17))],
    nonMated: [bad(at('x', 31)), good(at('y', 60))],
    leavesMatesOut: false,
  }
  const point = { richCheap: 0.9, cheapCheap: 0.9, richRich: 0.9 }
  const qualityShift = [
    { quality: 20, shift: 0.04 },
    { quality: 80, shift: 0 },
  ] as const
  const nearnessTo = bySearchDistance({ ...point, qualityShift, damageShift: 0.02 })
  expect(evaluateOpenSet(set).rank1).toBe(0)
  const figures = evaluateOpenSet({ ...set, nearnessTo })
  expect(figures.rank1).toBe(1)
  // One of two strangers may pass, so that the threshold is the distance of the other: y to Grace, one of whom is good.
  expect(-(figures.thresholdAt(0.5) ?? 0)).toBeCloseTo(1 + (0.9 - cos(30)) / 1.9, 5)
  // None may pass: x is as near Grace as nobody else, though both are bad; y is farther than Ada's probe from Ada.
  expect(figures.fnirAt(0)).toBe(1)
  expect(evaluateOpenSet({ ...set, nonMated: [good(at('y', 60))], nearnessTo }).fnirAt(0)).toBe(0)
})
