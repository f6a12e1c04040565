import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Calibration, distanceOf } from './calibration.ts'
import { likenessTo, nearestLikeness, probeOf } from './identification/probe.ts'
import { pairShift, type QualityShift, shiftOf } from './quality-shift.ts'
import { aDescriptor } from './testing/index.ts'

const SHIFT: QualityShift = [
  { quality: 20, shift: 0.1 },
  { quality: 60, shift: 0.02 },
  { quality: 80, shift: 0 },
]
const CALIBRATION: Calibration = { richCheap: 0.6, cheapCheap: 0.6, richRich: 0.6, qualityShift: SHIFT }

const quality = fc.double({ min: 0, max: 100, noNaN: true })
const cosine = fc.double({ min: -1, max: 1, noNaN: true })

describe('what two bad faces must be more alike', () => {
  it('goes by the better face, in a straight line between the points', () => {
    expect(shiftOf(SHIFT, 10, 40)).toBeCloseTo(0.06, 9)
    expect(shiftOf(SHIFT, 40, 10)).toBeCloseTo(0.06, 9)
    expect(shiftOf(SHIFT, 0, 0)).toBe(0.1)
    expect(shiftOf(SHIFT, 20, 20)).toBe(0.1)
    expect(shiftOf(SHIFT, 70, 0)).toBeCloseTo(0.01, 9)
  })

  it('is nothing if one is good, or if nobody knows how good one is, or what that means', () => {
    for (const [one, other] of [
      [80, 0],
      [0, 95],
      [null, 5],
      [5, undefined],
    ] as const)
      expect(shiftOf(SHIFT, one, other)).toBe(0)
    expect(shiftOf(undefined, 0, 0)).toBe(0)
  })

  it('makes a distance greater and never smaller, and leaves the same picture at 0', () => {
    const probe = (own: number) =>
      probeOf(CALIBRATION, 'richCheap', { descriptor: aDescriptor(1), quality: own })
    fc.assert(
      fc.property(quality, quality, cosine, (own, other, value) => {
        const { distance } = likenessTo(probe(own), { cosine: value, quality: other })
        expect(distance).toBeGreaterThanOrEqual(nearestLikeness(probe(own), value).distance)
        expect(distance).toBeLessThanOrEqual(2)
        expect(likenessTo(probe(own), { cosine: 1, quality: other }).distance).toBe(0)
      }),
    )
    const likeness = likenessTo(probe(10), { cosine: 0.7, quality: 20 })
    expect(likeness).toMatchObject({ cosine: 0.7, distance: 1, similarity: 0.75 })
    expect(likenessTo(probe(10), { cosine: 0.7, quality: null }).distance).toBeCloseTo(
      distanceOf(0.7, 0.6),
      6,
    )
  })
})

describe('what two damaged faces must be more alike', () => {
  const calibration = { qualityShift: SHIFT, damageShift: 0.12 }

  it('is in proportion to the less damaged one, on top of what their quality asks for', () => {
    const shift = (one: number, other: number) =>
      pairShift(calibration, { quality: 90, damage: one }, { quality: 70, damage: other })
    expect(shift(1, 1)).toBeCloseTo(0.12, 9)
    expect(shift(0.5, 1)).toBeCloseTo(0.06, 9)
    expect([shift(1, 0), shift(0, 1), shift(0, 0)]).toEqual([0, 0, 0])
    expect(pairShift(calibration, { quality: 70, damage: 1 }, { quality: 60, damage: 0.5 })).toBeCloseTo(
      0.01 + 0.06,
      9,
    )
  })

  it('is nothing where nobody measured it of one of them, as of what earlier versions stored', () => {
    expect(pairShift(calibration, { quality: 90, damage: 1 }, { quality: 90, damage: null })).toBe(0)
    expect(pairShift(calibration, { quality: 90 }, { quality: 90, damage: 1 })).toBe(0)
    expect(pairShift({ qualityShift: SHIFT }, { quality: 90, damage: 1 }, { quality: 90, damage: 1 })).toBe(0)
  })

  it('makes a distance greater and never smaller, for searches as well', () => {
    const own = { descriptor: aDescriptor(1), quality: 90, damage: 1 }
    const probe = probeOf({ ...CALIBRATION, damageShift: 0.1 }, 'richCheap', own)
    expect(likenessTo(probe, { cosine: 0.7, quality: 95, damage: 1 }).distance).toBe(1)
    expect(likenessTo(probe, { cosine: 0.7, quality: 95, damage: 0 }).distance).toBeCloseTo(0.75, 6)
    expect(likenessTo(probe, { cosine: 1, quality: 95, damage: 1 }).distance).toBe(0)
  })
})
