import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../../geometry/pixels.ts'
import type { Quarters } from '../../../geometry/quarters.ts'
import { manifestOf } from '../../../testing/tarball-networks.ts'
import { tiltOfFace } from './tilt-of-face.ts'

const { detector } = manifestOf('builtin@2')
if (detector.layout !== 'cascade') throw new Error('the pack has another detector')
const { refiner, judge } = detector
/** Red above, black below. */
const PICTURE = sharedPixels(200, 200)
PICTURE.data.fill(0).forEach((_, i, data) => {
  if (i % 3 === 0 && i < data.length / 2) data[i] = 250
})
const BOX = { x: 50, y: 50, width: 100, height: 100 }

/** Each crop's logit is what `like` says of the clockwise angle at which its upper half is the red one. */
function networksThatLike(like: (clockwise: number) => number) {
  const runOf =
    (side: number) =>
    async ({ planes, count }: { readonly planes: Float32Array; readonly count: number }) => {
      const logits = new Float32Array(2 * count)
      for (let i = 0; i < count; i++) {
        const red = planes.subarray(i * 3 * side * side, (i * 3 + 1) * side * side)
        let [x, y] = [0, 0]
        for (const [at, value] of red.entries()) {
          x += value * ((at % side) - (side - 1) / 2)
          y += value * (Math.floor(at / side) - (side - 1) / 2)
        }
        // A crop that is cut out turned clockwise shows the red half turned the other way.
        logits[2 * i + 1] = like((-Math.atan2(x, -y) * 180) / Math.PI)
      }
      return logits
    }
  return {
    refiner: { settings: refiner, run: runOf(refiner.input.side) },
    judge: { settings: judge, run: runOf(judge.input.side) },
  }
}

function tilt(like: (clockwise: number) => number, quarters: Quarters = 0): Promise<number> {
  const pictures = { picture: PICTURE, preview: PICTURE }
  return tiltOfFace(pictures, { box: BOX, quarters }, networksThatLike(like))
}

const near = (one: number, other: number) => Math.abs(((one - other + 540) % 360) - 180) < 10

describe('the tilt of a face', () => {
  it.each([45, -45])('is the angle at which the judges like it best: %i', async (degrees) => {
    expect(await tilt((at) => (near(at, degrees) ? 2 : 0))).toBe(degrees)
  })

  it('is none unless another is clearly better', async () => {
    expect(await tilt((at) => (near(at, 45) ? 0.4 : 0))).toBe(0)
    expect(await tilt((at) => (near(at, 90) ? 1.9 : 0))).toBe(0)
    expect(await tilt((at) => (near(at, 90) ? 2.1 : 0))).toBe(90)
  })

  it('is told beyond the quarters of the picture, and far ones are as good as near ones there', async () => {
    expect(await tilt((at) => (near(at, 135) ? 2 : 0), 1)).toBe(45)
    expect(await tilt((at) => (near(at, 180) ? 1 : 0), 1)).toBe(90)
  })

  it('is not told where the networks give no numbers', async () => {
    await expect(tilt(() => Number.NaN)).rejects.toThrow('refiner does not give two numbers for each box')
  })
})
