import { expect, it } from 'vitest'
import { fitParabola } from './fit-parabola.ts'
import { measureTail } from './impostor-tails.ts'
import { mulberry, wilson } from './target-check.ts'

it('a parabola through its own points is found again, and its inverse', () => {
  const y = (x: number) => 1 - 2 * x - 3 * x * x
  const fit = fitParabola([0.1, 0.2, 0.5, 0.8].map((x) => [x, y(x)]))
  expect(fit.at(0.6)).toBeCloseTo(y(0.6), 9)
  expect(fit.inverse(y(0.6))).toBeCloseTo(0.6, 9)
})

it('a tail of random directions has the rates that it says', () => {
  const random = mulberry(7)
  const gauss = () => Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random())
  const people = Array.from({ length: 700 }, (_, at) => {
    const values = Float32Array.from({ length: 16 }, gauss)
    const length = Math.hypot(...values)
    return { person: String(at), values: values.map((value) => value / length) }
  })
  const { tail, pairs } = measureTail(people, people)
  expect(pairs).toBe((700 * 699) / 2)
  // Of 16 dimensions: a tenth of all pairs is nearer than 0.328.
  expect(tail[0]).toEqual({ cosine: expect.closeTo(0.328, 1), rate: 0.1 })
  for (const [at, point] of tail.slice(1).entries())
    expect(point.cosine).toBeGreaterThan(tail[at]?.cosine ?? Number.NaN)
})

it('an interval holds the share, and none of no events reaches zero alone', () => {
  const [low, high] = wilson(10, 1000)
  expect([low, high]).toEqual([expect.closeTo(0.00544, 4), expect.closeTo(0.0183, 4)])
  expect(wilson(0, 100)[1]).toBeCloseTo(0.037, 3)
})
