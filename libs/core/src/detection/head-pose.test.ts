import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from '../ports/face-engine.ts'
import { headTurn } from './head-pose.ts'

/** The mean head once more, in the test's own words. */
const HEAD = {
  30: [0, 0, 0],
  8: [0, -330, -65],
  36: [-225, 170, -135],
  45: [225, 170, -135],
  48: [-150, -150, -125],
  54: [150, -150, -125],
} as const

const OFFSET = headTurn(seen({ yaw: 0, pitch: 0, roll: 0 }))!.pitch

interface Pose {
  readonly yaw: number
  readonly pitch: number
  readonly roll: number
  readonly scale?: number
  readonly at?: Point
}

/** The 68 points of a head turned by so many degrees: first yaw, then pitch, then roll, as the camera sees it. */
function seen({ yaw, pitch, roll, scale = 0.3, at = { x: 0, y: 0 } }: Pose): Point[] {
  const [psi, phi, rho] = [yaw, pitch, roll].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ]
  const points = Array.from({ length: 68 }, () => ({ x: 0, y: 0 }))
  for (const [index, [x, y, z]] of Object.entries(HEAD)) {
    const across = x * Math.cos(psi) + z * Math.sin(psi)
    const ahead = -x * Math.sin(psi) + z * Math.cos(psi)
    const up = y * Math.cos(phi) + ahead * Math.sin(phi)
    points[Number(index)] = {
      x: at.x + scale * (across * Math.cos(rho) + up * Math.sin(rho)),
      // The picture's y axis points down.
      y: at.y + scale * (across * Math.sin(rho) - up * Math.cos(rho)),
    }
  }
  return points
}

const turn = fc.double({ min: -60, max: 60, noNaN: true })
const pose = fc.record({
  yaw: turn,
  pitch: turn,
  roll: fc.double({ min: -180, max: 180, noNaN: true }),
  scale: fc.double({ min: 0.01, max: 10, noNaN: true }),
  at: fc.record({ x: turn, y: turn }),
})

describe('the turn of a head', () => {
  it('is that of the mean head, whatever its roll, size and place', () => {
    fc.assert(
      fc.property(pose, (given) => {
        const { yaw, pitch } = headTurn(seen(given))!
        expect(yaw).toBeCloseTo(given.yaw, 4)
        expect(pitch - OFFSET).toBeCloseTo(given.pitch, 4)
      }),
    )
  })

  it('changes its sign, and nothing else, in the mirror', () => {
    fc.assert(
      fc.property(pose, (given) => {
        const { yaw, pitch } = headTurn(seen(given))!
        const mirrored = headTurn(seen({ ...given, yaw: -given.yaw, roll: -given.roll }))!
        expect(mirrored.yaw).toBeCloseTo(-yaw, 4)
        expect(mirrored.pitch).toBeCloseTo(pitch, 4)
      }),
    )
  })

  it('is zero, but for the mean of people, straight ahead', () => {
    expect(OFFSET).toBeCloseTo(4.4, 6)
  })

  it('is not told of points that are not the 68, or that all coincide', () => {
    expect(headTurn([])).toBeNull()
    expect(headTurn(seen({ yaw: 0, pitch: 0, roll: 0 }).slice(0, 54))).toBeNull()
    expect(headTurn(Array.from({ length: 68 }, () => ({ x: 3, y: 3 })))).toBeNull()
  })
})
