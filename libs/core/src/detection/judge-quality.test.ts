import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeQuality } from './judge-quality.ts'
import {
  QUALITY_GROUPS,
  QUALITY_NAMES,
  type QualityCheck,
  type QualityValues,
} from './quality-characteristics.ts'
import { checksOf, type QualityProfile, rangeOf } from './quality-profiles.ts'

const value = fc.double({ min: -100, max: 100, noNaN: true })
const checks: fc.Arbitrary<QualityCheck[]> = fc.array(
  fc.record({
    name: fc.constantFrom(...QUALITY_NAMES),
    range: fc.option(fc.tuple(value, value), { nil: null }),
  }),
)
const values: fc.Arbitrary<QualityValues> = fc.dictionary(fc.constantFrom(...QUALITY_NAMES), value)

describe('a quality report', () => {
  it('has a detail for each check, in its order, and never a value that was not measured', () => {
    fc.assert(
      fc.property(checks, values, (asked, measured) => {
        const { details } = judgeQuality(asked, measured)
        expect(details.map(({ name, range }) => ({ name, range }))).toEqual(asked)
        for (const detail of details) expect(detail.value).toBe(measured[detail.name] ?? null)
      }),
    )
  })

  it('adds up: every detail is in one group, and in nonCompliant exactly if it fails', () => {
    fc.assert(
      fc.property(checks, values, (asked, measured) => {
        const { details, groups, nonCompliant, score } = judgeQuality(asked, measured)
        const compliant = details.filter(({ status }) => status === 'compliant').length
        expect(groups.reduce((sum, { total }) => sum + total, 0)).toBe(asked.length)
        expect(groups.reduce((sum, group) => sum + group.compliant, 0)).toBe(compliant)
        expect(details.filter(({ status }) => status === 'noncompliant').map(({ name }) => name)).toEqual(
          nonCompliant,
        )
        const judged = compliant + nonCompliant.length
        expect(score).toBe(judged === 0 ? -1 : compliant / judged)
        const order = groups.map(({ group }) => QUALITY_GROUPS.indexOf(group))
        expect(order).toEqual(order.toSorted((one, other) => one - other))
      }),
    )
  })

  it('calls both ends of a range compliant', () => {
    const judge = (yaw: number) =>
      judgeQuality([{ name: 'Yaw', range: [-5, 5] }], { Yaw: yaw }).details[0]!.status
    expect([-5, 5, -5.01, 5.01].map(judge)).toEqual([
      'compliant',
      'compliant',
      'noncompliant',
      'noncompliant',
    ])
  })

  it('judges nothing without a range or without a value', () => {
    const check = (range: [number, number] | null, measured: QualityValues) =>
      judgeQuality([{ name: 'Yaw', range }], measured)
    expect(check(null, { Yaw: 3 })).toMatchObject({
      score: -1,
      details: [{ value: 3, status: 'undetermined' }],
    })
    expect(check([-5, 5], {})).toMatchObject({
      score: -1,
      details: [{ value: null, status: 'undetermined' }],
    })
  })
})

describe('the profiles', () => {
  const profiles: QualityProfile[] = ['recommended', 'icao', 'visa-schengen', 'visa-usa']

  it.each(profiles)('%s checks every characteristic once, from low to high', (profile) => {
    const all = checksOf(profile)
    expect(all.map(({ name }) => name)).toEqual(QUALITY_NAMES)
    for (const { range } of all) if (range !== null) expect(range[0]).toBeLessThanOrEqual(range[1])
  })

  it('ask nothing of the size of a picture unless it is for a document', () => {
    expect(rangeOf('ImageWidth', 'recommended')).toBeNull()
    expect(rangeOf('ImageWidth', 'icao')).toEqual([1200, 65_535])
  })
})
