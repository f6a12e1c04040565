import { describe, expect, it } from 'vitest'
import { type StrangerRates, strangersWithin } from '../../apps/console/src/parts/likeness.ts'

/** A hundredth with each tenth of a distance. */
const RATES: StrangerRates = [
  { distance: 0.8, rate: 1e-7 },
  { distance: 0.9, rate: 1e-5 },
  { distance: 1, rate: 1e-3 },
]

describe('how often a stranger is so near', () => {
  it.each([
    [0.85, 1_000, { bound: 'about', kind: 'one-in', number: 1_000 }],
    [0.9, 50, { bound: 'about', kind: 'one-in', number: 2_000 }],
    [0.9, 700, { bound: 'about', kind: 'one-in', number: 140 }],
    [0.95, 2_000, { bound: 'about', kind: 'tenths', number: 2 }],
    [1, 1_000, { bound: 'about', kind: 'always', number: 1 }],
    [1, 12_345, { bound: 'about', kind: 'several', number: 12 }],
    [1.1, 1_234, { bound: 'about', kind: 'several', number: 120 }],
    [2, 5, { bound: 'about', kind: 'several', number: 5 }],
  ])('is told for the distance %f among %d pictures', (distance, pictures, often) => {
    expect(strangersWithin(distance, pictures, RATES)).toEqual(often)
  })

  it('grows with the distance and with the pictures, step by step', () => {
    const said = [0.8, 0.85, 0.9, 0.95, 1, 1.05].map((distance) => strangersWithin(distance, 300, RATES))
    expect(new Set(said.map((often) => JSON.stringify(often))).size).toBe(said.length)
  })

  it('is not told more exactly than anybody has seen', () => {
    // Nearer than the last point, and rarer than one in a million.
    expect(strangersWithin(0.3, 3_000, RATES)).toEqual({ bound: 'fewer', kind: 'one-in', number: 3_000 })
    expect(strangersWithin(0.3, 4, RATES)).toEqual({ bound: 'fewer', kind: 'one-in', number: 1_000_000 })
    expect(strangersWithin(0.82, 1, RATES)).toEqual({ bound: 'fewer', kind: 'one-in', number: 1_000_000 })
  })

  it('is a bound where nobody has measured the pack, by what distance 1 means', () => {
    expect(strangersWithin(0.7, 300)).toEqual({ bound: 'fewer', kind: 'one-in', number: 300 })
    expect(strangersWithin(1.2, 300)).toEqual({ bound: 'more', kind: 'one-in', number: 400 })
    expect(strangersWithin(0.7, 1_234_000)).toEqual({ bound: 'fewer', kind: 'several', number: 13 })
    expect(strangersWithin(1.2, 1_234_000)).toEqual({ bound: 'more', kind: 'several', number: 12 })
  })

  it('is nothing in an empty gallery', () => {
    expect(strangersWithin(0.9, 0, RATES)).toBeNull()
  })
})
