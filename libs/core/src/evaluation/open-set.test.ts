import { expect, it } from 'vitest'
import { evaluateOpenSet, type Sample } from './open-set.ts'

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
