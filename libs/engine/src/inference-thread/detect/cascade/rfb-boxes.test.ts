import { describe, expect, it } from 'vitest'
import { manifestOf } from '../../../testing/tarball-networks.ts'
import { decodeRfbBoxes } from './rfb-boxes.ts'

const { detector } = manifestOf('builtin@2')
if (detector.layout !== 'cascade') throw new Error('the pack has another detector')
const PROPOSER = detector.proposer

/** Priors of a canvas of 64 x 32: 32 cells of three, 8 of two, 2 of two, 1 of three. */
const PRIORS = 32 * 3 + 8 * 2 + 2 * 2 + 3

/** What the network gives where only these priors, by their number, see a face. */
function outputOf(
  faces: Readonly<Record<number, { readonly p: number; readonly encoded: readonly number[] }>>,
) {
  const scores = new Float32Array(2 * PRIORS)
  const encodings = new Float32Array(4 * PRIORS)
  for (let prior = 0; prior < PRIORS; prior++) {
    const { p, encoded } = faces[prior] ?? { p: 0.1, encoded: [] }
    scores.set([1 - p, p], 2 * prior)
    encodings.set(encoded, 4 * prior)
  }
  return { scores, encodings, width: 64, height: 32 }
}

describe('proposals', () => {
  it('are the prior itself where the network moves nothing', () => {
    // Second cell of the second row, its prior of 24 pixels.
    const [found, ...others] = decodeRfbBoxes(PROPOSER, outputOf({ [9 * 3 + 2]: { p: 0.75, encoded: [] } }))
    expect(others).toEqual([])
    expect(found?.box).toEqual({ x: 12 - 12, y: 12 - 12, width: 24, height: 24 })
    expect(found?.score).toBeCloseTo(Math.log(3), 5)
  })

  it('move by tenths of the prior and grow by fifths of the logarithm', () => {
    const encoded = [1, -2, 5 * Math.log(2), 5 * Math.log(0.5)]
    // The last prior: 256 pixels, centre 32, 32.
    const [found] = decodeRfbBoxes(PROPOSER, outputOf({ [PRIORS - 1]: { p: 0.9, encoded } }))
    expect(found!.box.width).toBeCloseTo(512, 2)
    expect(found!.box.height).toBeCloseTo(128, 2)
    expect(found!.box.x + found!.box.width / 2).toBeCloseTo(32 + 25.6, 2)
    expect(found!.box.y + found!.box.height / 2).toBeCloseTo(32 - 51.2, 2)
  })

  it('are those of the limit and above; what is no number is none', () => {
    const output = outputOf({ 0: { p: 0.5, encoded: [] }, 1: { p: 0.39, encoded: [] } })
    output.scores.fill(Number.NaN, 10)
    expect(decodeRfbBoxes(PROPOSER, output)).toHaveLength(1)
  })

  it('of a network that is sure have a logit of ten', () => {
    const [found] = decodeRfbBoxes(PROPOSER, outputOf({ 0: { p: 1, encoded: [] } }))
    expect(found?.score).toBe(10)
  })
})
