export interface Parabola {
  readonly at: (x: number) => number
  /** Where a falling branch has this value. */
  readonly inverse: (y: number) => number
}

/** y = a + b x + c x² by least squares through at least three points; c may not be 0 if it is to be inverted. */
export function fitParabola(points: readonly (readonly [number, number])[]): Parabola {
  const power = (n: number) => points.reduce((sum, [x]) => sum + x ** n, 0)
  const moment = (n: number) => points.reduce((sum, [x, y]) => sum + y * x ** n, 0)
  const rows = [0, 1, 2].map((row) => [power(row), power(row + 1), power(row + 2), moment(row)])
  const [a, b, c] = solve(rows)
  return {
    at: (x) => a + b * x + c * x * x,
    inverse: (y) => (-b - Math.sqrt(b * b - 4 * c * (a - y))) / (2 * c),
  }
}

/** Gauss and Jordan, of three equations with the right sides last; rows are changed. */
function solve(rows: number[][]): readonly [number, number, number] {
  for (let at = 0; at < 3; at++) {
    const pivot = rows[at] as number[]
    const scale = pivot[at] ?? 1
    for (let column = at; column < 4; column++) pivot[column] = (pivot[column] ?? 0) / scale
    for (const [index, row] of rows.entries()) {
      const factor = row[at] ?? 0
      if (index !== at) for (let k = at; k < 4; k++) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0)
    }
  }
  return [rows[0]?.[3] ?? 0, rows[1]?.[3] ?? 0, rows[2]?.[3] ?? 0]
}
