import { describe, expect, it } from 'vitest'
import { facesAmong, type JudgedBox, probabilityOf } from './judged-box.ts'

function aBox(x: number, side: number, logit: number): JudgedBox {
  return { box: { x, y: 0, width: side, height: side }, suspicion: 0, logit }
}

describe('faces among judged boxes', () => {
  it('are those of the limit and above, best first', () => {
    const [sure, doubtful, none] = [aBox(0, 10, 8), aBox(100, 10, 1.5), aBox(200, 10, 1.4)]
    expect(facesAmong([none, doubtful, sure], 1.5)).toEqual([sure, doubtful])
  })

  it('a box inside a box is one face, the better of both', () => {
    const [whole, part] = [aBox(0, 100, 5), aBox(30, 40, 4)]
    expect(facesAmong([part, whole], 0)).toEqual([whole])
  })

  it('two faces of which one covers half of the other are both kept', () => {
    const [mother, child] = [aBox(0, 100, 6), aBox(70, 60, 5)]
    expect(facesAmong([child, mother], 0)).toEqual([mother, child])
  })
})

it('a logit of 0 is a probability of one half', () => {
  expect([probabilityOf(0), probabilityOf(-100), probabilityOf(100)]).toEqual([0.5, expect.closeTo(0), 1])
})
