import type { Box } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { chooseCentralFace, largestFirst } from './choose-faces.ts'

const PICTURE = { width: 400, height: 300 }

/** By its centre. */
function aFace(x: number, y: number, side: number): { readonly box: Box; readonly score: number } {
  return { box: { x: x - side / 2, y: y - side / 2, width: side, height: side }, score: 0.9 }
}

describe('the central face', () => {
  it('is the one nearest to the centre, not the largest', () => {
    const [near, large] = [aFace(210, 160, 60), aFace(80, 80, 120)]
    expect(chooseCentralFace([large, near], PICTURE)).toBe(near)
  })

  it('is the larger of two that are about as near', () => {
    const [portrait, speck] = [aFace(215, 140, 150), aFace(200, 150, 20)]
    expect(chooseCentralFace([speck, portrait], PICTURE)).toBe(portrait)
  })

  it('is none without faces', () => {
    expect(chooseCentralFace([], PICTURE)).toBeNull()
  })
})

it('all faces come largest first', () => {
  const [small, large] = [aFace(10, 10, 10), aFace(10, 10, 30)]
  expect(largestFirst([small, large])).toEqual([large, small])
})
