import { describe, expect, it } from 'vitest'
import type { JudgedBox } from '../../../faces/judged-box.ts'
import { iou } from '../../../geometry/boxes.ts'
import { sharedPixels } from '../../../geometry/pixels.ts'
import { manifestOf } from '../../../testing/tarball-networks.ts'
import { type CascadeNetworks, runCascade } from './run-cascade.ts'

const { detector } = manifestOf('builtin@2')
if (detector.layout !== 'cascade') throw new Error('the pack has another detector')
const SETTINGS = detector
const PICTURE = sharedPixels(64, 64)

/** A cascade in which each prior proposes with the same probability, and each judge says the same of all. */
function aCascade({ p, refined, judged }: { p: number; refined: number; judged: number }) {
  const seen: number[] = []
  const judge =
    (logit: number) =>
    async ({ count }: { readonly count: number }) => {
      seen.push(count)
      return Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 0 : logit))
    }
  const networks: CascadeNetworks = {
    settings: SETTINGS,
    proposer: {
      settings: SETTINGS.proposer,
      run: async ({ width, height }) => {
        const { levels } = SETTINGS.proposer
        const priors = levels.reduce(
          (sum, { stride, priors }) =>
            sum + Math.ceil(width / stride) * Math.ceil(height / stride) * priors.length,
          0,
        )
        const scores = Float32Array.from({ length: 2 * priors }, (_, i) => (i % 2 === 0 ? 1 - p : p))
        return { scores, encodings: new Float32Array(4 * priors) }
      },
    },
    refiner: { settings: SETTINGS.refiner, run: judge(refined) },
    judge: { settings: SETTINGS.judge, run: judge(judged) },
  }
  return { networks, seen }
}

function step(networks: CascadeNetworks, known: readonly JudgedBox[] = [], looks = [128]) {
  return runCascade(
    { picture: PICTURE, preview: PICTURE },
    { looks, known, minLogit: 5, quarters: 0 },
    networks,
  )
}

describe('a step of the cascade', () => {
  it('scores a box by the mean of what the three networks say', async () => {
    const boxes = await step(aCascade({ p: 0.75, refined: 4, judged: -1 }).networks)
    expect(boxes.length).toBeGreaterThan(0)
    for (const { suspicion, logit } of boxes) {
      expect(suspicion).toBeCloseTo(Math.log(3) + 4, 4)
      expect(logit).toBeCloseTo((Math.log(3) + 4 - 1) / 3, 4)
    }
  })

  it('shows the judge nothing that the refiner has dropped', async () => {
    const { networks, seen } = aCascade({ p: 0.75, refined: -3.1, judged: 9 })
    expect(await step(networks)).toEqual([])
    expect(seen.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  })

  it.each([
    ['detector', 'two numbers for each prior', { p: Number.NaN, refined: 4, judged: 4 }],
    ['refiner', 'two numbers for each box', { p: 0.75, refined: Number.NaN, judged: 4 }],
    ['refiner', 'two numbers for each box', { p: 0.75, refined: Number.NEGATIVE_INFINITY, judged: 4 }],
    ['judge', 'two numbers for each box', { p: 0.75, refined: 4, judged: Number.POSITIVE_INFINITY }],
  ])('finds no face and no lack of one where the %s does not give %s', async (network, each, says) => {
    await expect(step(aCascade(says).networks)).rejects.toThrow(
      `network ${network} does not give ${each}, but some that are not finite`,
    )
  })

  it('takes no boxes without bounds, and no fewer numbers than there are priors', async () => {
    const { networks } = aCascade({ p: 0.75, refined: 4, judged: 4 })
    const proposing = (change: (numbers: Float32Array) => Float32Array): CascadeNetworks => {
      const run: typeof networks.proposer.run = async (input) => {
        const { scores, encodings } = await networks.proposer.run(input)
        return { scores, encodings: change(encodings) }
      }
      return { ...networks, proposer: { ...networks.proposer, run } }
    }
    await expect(step(proposing((numbers) => numbers.fill(1e30)))).rejects.toThrow(
      'network detector gives boxes without bounds',
    )
    await expect(step(proposing((numbers) => numbers.subarray(4)))).rejects.toThrow(
      'network detector does not give four numbers for each prior, as its pack says',
    )
  })

  it('finds each box once in several looks, and judges none again that is known', async () => {
    const { networks, seen } = aCascade({ p: 0.75, refined: 4, judged: 5 })
    const once = await step(networks)
    seen.length = 0
    const twice = await step(networks, once)
    expect(new Set(twice)).toEqual(new Set(once))
    expect(twice.filter(({ logit }) => logit >= 10)).toEqual([])
  })

  it('proposes nothing in the place of a known face', async () => {
    const { networks, seen } = aCascade({ p: 0.75, refined: 4, judged: 9 })
    const faces = (await step(networks)).filter(({ logit }) => logit < 5)
    const face = { box: { x: 0, y: 0, width: 64, height: 64 }, suspicion: 1, logit: 6 }
    seen.length = 0
    const twice = await step(networks, [face, ...faces])
    expect(twice).toContainEqual(face)
    expect(twice.filter(({ box }) => iou(box, face.box) > 0.4)).toEqual([face])
  })

  it('spares the judge in a crowd, but for the best boxes and those of which the others are not sure', async () => {
    const { networks, seen } = aCascade({ p: 0.99, refined: 4, judged: -1 })
    const large = sharedPixels(640, 640)
    const pictures = { picture: large, preview: large }
    const crowd = { looks: [640], known: [], minLogit: 1.5, quarters: 0 } as const
    const of = async (sureSum?: number) => {
      seen.length = 0
      const boxes = await runCascade(
        pictures,
        sureSum === undefined ? crowd : { ...crowd, sureSum },
        networks,
      )
      const judged = seen.reduce((sum, count) => sum + count, 0) - boxes.length
      return { boxes, judged, spared: boxes.filter(({ suspicion, logit }) => logit === suspicion / 2).length }
    }
    const [all, spared, doubtful] = [await of(), await of(8), await of(9)]
    expect(all.boxes.length).toBeGreaterThan(100)
    expect([all.judged, all.spared]).toEqual([all.boxes.length, 0])
    // The suspicion of each is 8.6, the logit of 0.99 and 4.
    expect([spared.judged, spared.spared]).toEqual([16, all.boxes.length - 16])
    expect(new Set(spared.boxes.map(({ box }) => box))).toEqual(new Set(all.boxes.map(({ box }) => box)))
    expect([doubtful.judged, doubtful.spared]).toEqual([all.boxes.length, 0])
  })

  it('has bounds: a picture that proposes everywhere is judged in runs of limited size', async () => {
    const { networks, seen } = aCascade({ p: 0.99, refined: 4, judged: 5 })
    const large = sharedPixels(1600, 1600)
    await runCascade(
      { picture: large, preview: large },
      { looks: [1600], known: [], minLogit: 5, quarters: 0 },
      networks,
    )
    expect(Math.max(...seen)).toBeLessThanOrEqual(66)
    expect(seen.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2 * 600)
  })
})
