import { describe, expect, it } from 'vitest'
import {
  cosineAtRate,
  falseMatchRateAt,
  falseMatchRateFor,
  falsePositiveRate,
  type ImpostorTail,
} from './impostor-tail.ts'

const TAIL: ImpostorTail = [
  { cosine: 0.2, rate: 0.1 },
  { cosine: 0.4, rate: 0.001 },
  { cosine: 0.7, rate: 1e-6 },
]

describe('a tail of impostors', () => {
  it.each([
    [0.2, 0.1],
    [0.3, 0.01],
    [0.4, 0.001],
    [0.5, 1e-4],
    [0.7, 1e-6],
  ])('at a cosine of %f is %f, and back', (cosine, rate) => {
    expect(falseMatchRateAt(cosine, TAIL)).toBeCloseTo(rate, 12)
    expect(cosineAtRate(rate, TAIL)).toBeCloseTo(cosine, 12)
  })

  it('goes on beyond its ends as it ended, within what a share and a cosine can be', () => {
    expect(falseMatchRateAt(0.8, TAIL)).toBeCloseTo(1e-7, 14)
    expect(cosineAtRate(1e-7, TAIL)).toBeCloseTo(0.8, 12)
    expect(falseMatchRateAt(0.15, TAIL)).toBeCloseTo(0.1 * 10 ** 0.5, 12)
    expect(falseMatchRateAt(-1, TAIL)).toBe(1)
    expect(cosineAtRate(1e-300, TAIL)).toBe(1)
    expect(cosineAtRate(1, TAIL)).toBeCloseTo(0.1, 12)
  })
})

describe('a false match in one of many comparisons', () => {
  it('is nearly as many times as likely, while it is rare', () => {
    expect(falsePositiveRate(1e-9, 1000)).toBeCloseTo(1e-6, 10)
    expect(falsePositiveRate(0.5, 2)).toBeCloseTo(0.75, 12)
    expect(falsePositiveRate(1, 3)).toBeCloseTo(1, 12)
    expect(falsePositiveRate(0.1, 0)).toBe(0)
  })

  it.each([1, 100, 1_000_000])('has an inverse among %d images', (images) => {
    for (const fpir of [0.003, 0.1, 0.9])
      expect(falsePositiveRate(falseMatchRateFor(fpir, images), images)).toBeCloseTo(fpir, 10)
  })

  it('counts an empty gallery as one image: somebody may be enrolled meanwhile', () => {
    expect(falseMatchRateFor(0.01, 0)).toBeCloseTo(0.01, 12)
  })
})
