import { describe, expect, it } from 'vitest'
import type { JudgedBox } from '../../../faces/judged-box.ts'
import { sharedPixels } from '../../../geometry/pixels.ts'
import type { FaceTask } from '../../../messages/face-task.ts'
import { manifestOf } from '../../../testing/tarball-networks.ts'
import type { Inference } from '../../inference.ts'
import type { TaskWork } from '../../pool/thread-pool.ts'
import { viewOf, wholeOf } from '../../views/picture-view.ts'
import { CascadeFaceDetector } from './cascade-face-detector.ts'

const { detector } = manifestOf('builtin@2')
if (detector.layout !== 'cascade') throw new Error('the pack has another detector')
const DETECTOR = detector
const WORK: TaskWork = { lane: 'search', ticket: 0 }

/** In the middle of the picture, unless said otherwise. */
function aBox(side: number, logit: number, x = 400 - side / 2): JudgedBox {
  return { box: { x, y: 300 - side / 2, width: side, height: side }, suspicion: 2 * logit, logit }
}

/** What each turn gives: none as a rule. */
type Turns = Readonly<Partial<Record<1 | 2 | 3, readonly JudgedBox[]>>>

/** The tilt of each face whose tilt is asked for, by its width in the detector's pixels; none as a rule. */
type Tilts = Readonly<Record<number, number>>

/** A detector over a picture of 800 x 600, twice as large as its pixels; steps give these boxes, one after the other. */
function aDetector(steps: readonly (readonly JudgedBox[])[], turns: Turns = {}, tilts: Tilts = {}) {
  const looks: (readonly number[])[] = []
  const turned: (readonly number[])[] = []
  const tilted: number[] = []
  const inference = {
    run: async (task: FaceTask) => {
      if (task.kind === 'tilt') {
        tilted.push(task.box.width)
        return tilts[task.box.width] ?? 0
      }
      if (task.kind !== 'cascade') throw new Error('no other task is expected')
      const { quarters } = task.step
      if (quarters !== 0) turned.push([quarters, ...task.step.looks])
      if (quarters !== 0) return turns[quarters] ?? []
      looks.push(task.step.looks)
      expect(task.step.known).toEqual(steps[looks.length - 2] ?? [])
      return steps[looks.length - 1]
    },
  } as unknown as Inference
  const pixels = sharedPixels(800, 600)
  const whole = { ...viewOf(pixels, wholeOf({ width: 1600, height: 1200 })), preview: sharedPixels(640, 480) }
  const opened = new CascadeFaceDetector({ inference, detector: DETECTOR, maxFaces: 64 })
  return { looks, turned, tilted, find: (faces: 'central' | 'all') => opened.find(whole, faces, WORK) }
}

describe('the central face', () => {
  it('is found by one look as a rule, and given in pixels of the picture', async () => {
    const { looks, find } = aDetector([[aBox(100, 8), aBox(60, 7, 20)]])
    const { boxes, seen } = await find('central')
    expect(looks).toEqual([[128]])
    expect(boxes.map(({ quarters }) => quarters)).toEqual([0])
    expect(boxes.map(({ box }) => box)).toEqual([{ x: 700, y: 500, width: 200, height: 200 }])
    expect(seen).toHaveLength(2)
    expect(boxes[0]?.score).toBeCloseTo(1 / (1 + Math.exp(-8)), 6)
  })

  it('is looked for at other sizes as long as none is found', async () => {
    const { looks, find } = aDetector([[aBox(100, 4.9)], [aBox(100, 2.4)], [aBox(99, 1.9)], [aBox(20, 2.1)]])
    expect((await find('central')).boxes).toHaveLength(1)
    expect(looks).toEqual([[128], [320], [640], [1600]])
  })

  it('is not taken from the smallest look if it lies beside the middle: a smaller one may lie there', async () => {
    const { looks, find } = aDetector([[aBox(100, 8, 460)], [aBox(100, 8, 460), aBox(30, 3)]])
    expect((await find('central')).boxes[0]?.box.width).toBe(60)
    expect(looks).toEqual([[128], [320]])
  })

  it('is none where no step finds one', async () => {
    const { find } = aDetector([[], [], [], [aBox(20, 1.9)]])
    expect(await find('central')).toEqual({ boxes: [], seen: [] })
  })
})

describe('every face', () => {
  it('is found by two looks where faces are large', async () => {
    const { looks, find } = aDetector([[aBox(100, 8, 0), aBox(60, 1.6)]])
    expect((await find('all')).boxes.map(({ box }) => box.width)).toEqual([200, 120])
    expect(looks).toEqual([[320, 640]])
  })

  it('is looked for closely where one may be small, and where none is found', async () => {
    const small = [aBox(100, 8, 0), aBox(30, 0.1)]
    const one = aDetector([small, [...small, aBox(30, 3, 500)]])
    expect((await one.find('all')).boxes).toHaveLength(2)
    const none = aDetector([[], []])
    expect((await none.find('all')).boxes).toEqual([])
    expect([one.looks, none.looks]).toEqual([
      [[320, 640], [1600]],
      [[320, 640], [1600]],
    ])
  })

  it('needs not be quite as sure at a close look where others were found', async () => {
    const [sure, small] = [aBox(100, 8), aBox(20, 0.5, 20)]
    const doubtful = aBox(22, 1.2, 20)
    const beside = aDetector([
      [sure, small],
      [sure, doubtful],
    ])
    expect((await beside.find('all')).boxes).toHaveLength(2)
    const alone = aDetector([[small], [doubtful]])
    expect((await alone.find('all')).boxes).toEqual([])
  })
})

describe('a picture that lies on its side', () => {
  it('is turned where nothing is found as it is, before it is looked at closely', async () => {
    const { looks, turned, find } = aDetector([[], [], []], { 1: [aBox(80, 4)], 3: [aBox(90, 7)] })
    const [face] = (await find('central')).boxes
    expect([face?.quarters, face?.box.width]).toEqual([3, 180])
    expect(looks).toEqual([[128], [320], [640]])
    expect(turned).toEqual([
      [1, 160, 320],
      [3, 160, 320],
      [2, 160, 320],
    ])
  })

  it('is turned where a doubtful face is found as it is, and a better one if turned', async () => {
    const doubtful = [[], [aBox(80, 4)]]
    expect((await aDetector(doubtful, { 2: [aBox(90, 8)] }).find('central')).boxes[0]?.quarters).toBe(2)
    expect((await aDetector(doubtful, { 2: [aBox(90, 4.9)] }).find('central')).boxes[0]?.quarters).toBe(0)
  })

  it('is not even tried where a face is sure', async () => {
    const { turned, find } = aDetector([[aBox(100, 6.6)]])
    await find('central')
    await find('all').catch(() => {})
    expect(turned).toEqual([])
  })

  it('where every face is wanted, is turned as most faces are, by the sum of their logits', async () => {
    const upright = [[aBox(80, 3, 0), aBox(90, 5)]]
    const group = [aBox(80, 4, 0), aBox(80, 4, 200), aBox(80, 4, 400)]
    const { boxes } = await aDetector(upright, { 1: group }).find('all')
    expect(boxes.map(({ quarters }) => quarters)).toEqual([1, 1, 1])
    const few = await aDetector(upright, { 1: group.slice(0, 2) }).find('all')
    expect(few.boxes.map(({ quarters }) => quarters)).toEqual([0, 0])
  })
})

describe('a tilted face', () => {
  it('is one whose tilt is told where it is not sure', async () => {
    const one = aDetector([[], [aBox(80, 4)]], {}, { 80: -45 })
    expect((await one.find('central')).boxes.map(({ tilt }) => tilt)).toEqual([-45])
    const sure = aDetector([[aBox(80, 6.6)]], {}, { 80: -45 })
    expect((await sure.find('central')).boxes.map(({ tilt }) => tilt)).toEqual([0])
    expect(sure.tilted).toEqual([])
  })

  it('may be a sure one of a picture that was turned', async () => {
    const { find } = aDetector([[], [], []], { 1: [aBox(80, 8)] }, { 80: 45 })
    expect((await find('central')).boxes.map(({ quarters, tilt }) => [quarters, tilt])).toEqual([[1, 45]])
  })

  it('is sought among the largest where every face is wanted', async () => {
    const crowd = [50, 60, 70, 80, 90, 100].map((side, index) => aBox(side, 3, 110 * index))
    const { tilted, find } = aDetector([[...crowd, aBox(110, 7, 690)]])
    expect((await find('all')).boxes).toHaveLength(7)
    expect(tilted).toEqual([100, 90, 80, 70])
  })
})
