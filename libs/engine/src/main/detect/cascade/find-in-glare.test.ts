import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../../geometry/pixels.ts'
import { dimPixels } from '../../../inference-thread/pixels/dim-pixels.ts'
import type { FaceTask } from '../../../messages/face-task.ts'
import { manifestOf } from '../../../testing/tarball-networks.ts'
import type { Inference } from '../../inference.ts'
import { viewOf, wholeOf } from '../../views/picture-view.ts'
import { CascadeFaceDetector } from './cascade-face-detector.ts'
import { glareOf } from './find-in-glare.ts'

const { detector } = manifestOf('builtin@2')
if (detector.layout !== 'cascade') throw new Error('the pack has another detector')
const DETECTOR = detector

/** Black, but for a share of pixels of one color. */
function aPicture(share: number, color: readonly [number, number, number], side = 200) {
  const picture = sharedPixels(side, side)
  for (let i = 0; i < share * side * side; i++) picture.data.set(color, 3 * i)
  return picture
}

describe('the glare of a picture', () => {
  it.each([
    [0, aPicture(1, [249, 249, 249])],
    [0.5, aPicture(0.5, [255, 0, 0])],
    [1, aPicture(1, [0, 250, 9])],
  ])('is %s', (glare, picture) => {
    expect(glareOf(picture)).toBeCloseTo(glare, 2)
  })
})

it('a dimmed picture shows the least bright color of each pixel, darker', () => {
  const [picture, into] = [aPicture(1, [255, 200, 128], 4), aPicture(1, [9, 9, 9], 4)]
  dimPixels(picture, into)
  expect([...into.data.subarray(0, 3)]).toEqual([64, 64, 64])
  expect([...picture.data.subarray(0, 3)]).toEqual([255, 200, 128])
})

describe('a face in too much light', () => {
  /** One that is seen in dimmed pictures alone. */
  const aDetector = (share: number) => {
    const pixels = aPicture(share, [255, 255, 200], 400)
    const kinds: string[] = []
    const inference = {
      run: async (task: FaceTask) => {
        kinds.push(task.kind)
        if (task.kind === 'dim') return dimPixels(task.picture, task.into)
        if (task.kind !== 'cascade' || task.picture === pixels) return task.kind === 'tilt' ? 0 : []
        const box = { x: 150, y: 150, width: 100, height: 100 }
        return [{ box, suspicion: 9, logit: 4 }]
      },
    } as unknown as Inference
    const whole = { ...viewOf(pixels, wholeOf({ width: 800, height: 800 })), preview: pixels }
    const opened = new CascadeFaceDetector({ inference, detector: DETECTOR, maxFaces: 64 })
    const find = (faces: 'central' | 'all') => opened.find(whole, faces, { lane: 'search', ticket: 0 })
    return { kinds, find }
  }

  it.each(['central', 'all'] as const)('is looked for when nobody else is seen, %s', async (faces) => {
    const { find } = aDetector(0.5)
    const { boxes, dimmed } = await find(faces)
    expect(boxes.map(({ box }) => box)).toEqual([{ x: 300, y: 300, width: 200, height: 200 }])
    expect([...dimmed!.pixels.data.subarray(0, 3)]).toEqual([157, 157, 157])
  })

  it('is not looked for in a picture with little of it', async () => {
    const { kinds, find } = aDetector(0.1)
    expect(await find('central')).toEqual({ boxes: [], seen: [] })
    expect(kinds).not.toContain('dim')
  })
})
