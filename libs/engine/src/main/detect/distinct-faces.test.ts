import type { FivePoints } from '@semblance/core'
import { expect, it } from 'vitest'
import { distinctFaces, type PlacedFace } from './distinct-faces.ts'

/** Eyes 40 pixels apart. */
function aFace(x: number, score: number): PlacedFace {
  const points: readonly (readonly [number, number])[] = [
    [0, 0],
    [40, 0],
    [20, 25],
    [5, 45],
    [35, 45],
  ]
  const [one, two, three, four, five] = points.map(([dx, dy]) => ({ x: x + dx, y: dy }))
  return { score, fivePoints: [one, two, three, four, five] as FivePoints }
}

it('keeps the better box of two that led to the same points', () => {
  const [worse, better, neighbor] = [aFace(100, 0.7), aFace(104, 0.9), aFace(150, 0.6)]
  expect(distinctFaces([worse, better, neighbor])).toEqual([better, neighbor])
})

it('keeps one of two equal ones', () => {
  expect(distinctFaces([aFace(100, 0.7), aFace(100, 0.7)])).toHaveLength(1)
})
