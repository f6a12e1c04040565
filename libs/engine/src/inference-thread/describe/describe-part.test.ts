import { describe, expect, it } from 'vitest'
import { manifestOf } from '../../testing/tarball-networks.ts'
import { finishPart, type PartNetwork, projectionOf, sumFeatures } from './describe-part.ts'

const PICTURE = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 }
const POINTS = Array.from({ length: 68 }, (_, i) => ({ x: 20 + (i % 9) * 3, y: 20 + Math.floor(i / 9) * 3 }))

/** A network that gives these numbers for each of its two chips. */
function partOf(features: readonly number[]): PartNetwork {
  const { recognizers, landmarks } = manifestOf('builtin-light')
  const settings = { ...recognizers[0]!, features: 2 }
  const run = async ({ count }: { readonly count: number }) =>
    Float32Array.from(Array.from({ length: count }, () => features).flat())
  return { settings, landmarks: landmarks!, projection: projectionOf(settings), run }
}

const sum = (features: readonly number[]) =>
  sumFeatures(
    PICTURE,
    { points: POINTS, effort: 'cheap', views: [0, 1], measuresChip: false, finishes: false },
    partOf(features),
  )

describe('sumFeatures', () => {
  it('adds up the chip and its mirror image', async () => {
    const { sum: added, chips, squares } = await sum([1, -3])
    expect([[...added], chips, squares]).toEqual([[2, -6], 2, 20])
  })

  it('tells the part of the descriptor with the sum, where these are all views', async () => {
    const part = partOf([3, 4])
    const asked = { points: POINTS, effort: 'cheap', views: [0, 1], measuresChip: false } as const
    const told = await sumFeatures(PICTURE, { ...asked, finishes: true }, part)
    expect([...told.sum]).toEqual([6, 8])
    expect(told.part).toEqual(finishPart([told.sum], part))
    expect(await sumFeatures(PICTURE, { ...asked, finishes: false }, part)).toMatchObject({ part: null })
  })

  it.each([
    ['a number that is none', [1, Number.NaN]],
    ['an infinite number', [Number.POSITIVE_INFINITY, 1]],
    ['more numbers', [1, 2, 3]],
  ])('refuses a network that gives %s', async (_, features) => {
    await expect(sum(features)).rejects.toThrow('descriptor-m does not give 2 numbers for each chip')
  })
})

describe('finishPart', () => {
  const finish = (root: boolean, features: readonly number[]) => {
    const part = partOf(features)
    return finishPart([Float32Array.from(features)], { ...part, settings: { ...part.settings, root } })
  }

  it('gives a part of the length that is its weight', () => {
    expect([...finish(false, [3, 4])]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)])
  })

  it.each([
    ['that are all zero', false, [0, 0]],
    ['below zero, of which a root is to be taken', true, [-1, 4]],
  ])('refuses features %s', (_, root, features) => {
    expect(() => finish(root, features)).toThrow(
      'network descriptor-m gives features that no descriptor can be made of',
    )
  })
})
