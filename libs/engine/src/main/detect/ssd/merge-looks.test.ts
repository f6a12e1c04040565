import type { Box } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { mergeLooks } from './merge-looks.ts'

const PICTURE = { width: 1000, height: 600 }
const WHOLE = { x: 0, y: 0, ...PICTURE }
const LEFT_TILE = { x: 0, y: 0, width: 512, height: 512 }
const RIGHT_TILE = { x: 488, y: 0, width: 512, height: 512 }

function aBox(x: number, y: number, side: number): Box {
  return { x, y, width: side, height: side }
}

describe('merging looks', () => {
  it('keeps the better of two boxes on the same face', () => {
    const results = [
      { region: WHOLE, boxes: [{ box: aBox(100, 100, 80), score: 0.7 }] },
      { region: WHOLE, boxes: [{ box: aBox(105, 102, 80), score: 0.9 }] },
    ]
    expect(mergeLooks(PICTURE, results, 0.5).map(({ score }) => score)).toEqual([0.9])
  })

  it('drops what an inner edge of a tile cuts, not what the edge of the picture cuts', () => {
    const results = [
      {
        region: LEFT_TILE,
        boxes: [
          { box: aBox(450, 100, 61), score: 0.9 },
          { box: aBox(-3, 100, 40), score: 0.8 },
        ],
      },
      {
        region: RIGHT_TILE,
        boxes: [
          { box: aBox(960, 100, 45), score: 0.7 },
          { box: aBox(700, 480, 60), score: 0.6 },
        ],
      },
    ]
    expect(mergeLooks(PICTURE, results, 0.5).map(({ score }) => score)).toEqual([0.8, 0.7])
  })

  it('with tiles drops the part of a face inside the whole face', () => {
    const results = [
      { region: WHOLE, boxes: [{ box: aBox(100, 100, 300), score: 0.9 }] },
      { region: LEFT_TILE, boxes: [{ box: aBox(200, 200, 60), score: 0.8 }] },
    ]
    expect(mergeLooks(PICTURE, results, 0.5).map(({ score }) => score)).toEqual([0.9])
  })
})
