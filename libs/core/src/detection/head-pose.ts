import type { Point } from '../ports/face-engine.ts'

/** Degrees. */
export interface HeadTurn {
  /** Positive: the nose points to the right of the picture. */
  readonly yaw: number
  /** Positive: the nose points up. */
  readonly pitch: number
}

type Vector = readonly [number, number, number]

/**
 * Points of the iBUG scheme on a common mean head, about a tenth of a millimetre a unit: x to the right of the picture,
 * y up, z towards the camera. The figures are those generally used with six-point pose estimation.
 */
const MEAN_HEAD: readonly (readonly [point: number, at: Vector])[] = [
  [30, [0, 0, 0]],
  [8, [0, -330, -65]],
  [36, [-225, 170, -135]],
  [45, [225, 170, -135]],
  [48, [-150, -150, -125]],
  [54, [150, -150, -125]],
]

/**
 * What the fit says of people who look straight ahead: the mean head's proportions are not everybody's. The median of
 * 309 press photos of lfw-dev, degrees.
 */
const PITCH_AT_REST = -4.4

/**
 * How the head is turned, by fitting the mean head under scaled orthographic projection (POS: least squares for the
 * two upper rows of the rotation, times scale). A tilt of the head in the picture's plane does not change it.
 * @param contour the 68 points
 * @returns null if the points are not the 68, or all on a line
 */
export function headTurn(contour: readonly Point[]): HeadTurn | null {
  const points = MEAN_HEAD.flatMap(([index]) => contour[index] ?? [])
  if (points.length < MEAN_HEAD.length) return null
  const across = projectOnto(points.map(({ x }) => x))
  const up = projectOnto(points.map(({ y }) => -y))
  const right = unit(across)
  const above = unit(up)
  if (right === null || above === null) return null
  const forward = unit(cross(right, above))
  if (forward === null) return null
  // The row of the rotation that points at the camera tells both turns whatever the roll.
  const [toRight, upward, ahead] = forward
  const clamped = Math.min(1, Math.max(-1, upward))
  return { yaw: degrees(-Math.atan2(toRight, ahead)), pitch: degrees(-Math.asin(clamped)) - PITCH_AT_REST }
}

/** The vector whose products with the mean head's points come nearest to these values. */
function projectOnto(values: readonly number[]): Vector {
  const [a, b, c, d, e, f] = INVERSE_SPREAD
  const [x, y, z] = CENTRED_HEAD.reduce<Vector>(
    (sum, [px, py, pz], index) => {
      const value = values[index] ?? 0
      return [sum[0] + px * value, sum[1] + py * value, sum[2] + pz * value]
    },
    [0, 0, 0],
  )
  return [a * x + b * y + c * z, b * x + d * y + e * z, c * x + e * y + f * z]
}

const CENTRED_HEAD: readonly Vector[] = centred(MEAN_HEAD.map(([, at]) => at))

/** Inverse of the symmetric matrix of the head's products with itself: xx, xy, xz, yy, yz, zz. */
const INVERSE_SPREAD = invertSymmetric(spreadOf(CENTRED_HEAD))

type Symmetric = readonly [number, number, number, number, number, number]

function centred(points: readonly Vector[]): readonly Vector[] {
  const mean = (axis: 0 | 1 | 2): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y, z] = [mean(0), mean(1), mean(2)]
  return points.map((point) => [point[0] - x, point[1] - y, point[2] - z])
}

function spreadOf(points: readonly Vector[]): Symmetric {
  const sum = (one: 0 | 1 | 2, other: 0 | 1 | 2): number =>
    points.reduce((total, point) => total + point[one] * point[other], 0)
  return [sum(0, 0), sum(0, 1), sum(0, 2), sum(1, 1), sum(1, 2), sum(2, 2)]
}

function invertSymmetric([a, b, c, d, e, f]: Symmetric): Symmetric {
  const [aa, bb, cc] = [d * f - e * e, c * e - b * f, b * e - c * d]
  const determinant = a * aa + b * bb + c * cc
  const entries: Symmetric = [aa, bb, cc, a * f - c * c, b * c - a * e, a * d - b * b]
  const [p, q, r, s, t, u] = entries
  return [
    p / determinant,
    q / determinant,
    r / determinant,
    s / determinant,
    t / determinant,
    u / determinant,
  ]
}

function unit([x, y, z]: Vector): Vector | null {
  const length = Math.hypot(x, y, z)
  return length < 1e-9 ? null : [x / length, y / length, z / length]
}

function cross([a, b, c]: Vector, [x, y, z]: Vector): Vector {
  return [b * z - c * y, c * x - a * z, a * y - b * x]
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI
}
