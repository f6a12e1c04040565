import type { Surge, SurgeSlice } from '../plan/surge.ts'

const WIDTH = 720
const HEIGHT = 130
const LEFT = 60
const GAP = 46

interface Curve {
  readonly title: string
  readonly of: (slice: SurgeSlice) => number
  /** The greatest value that is drawn; greater ones touch the edge. */
  readonly most: number
  /** A line across, such as a goal. */
  readonly goal?: number
}

/** Load, workers and p95 over time, one above the other, as an SVG. */
export function surgePlot({ slices }: Surge, p95GoalMs: number): string {
  const most = (of: Curve['of']) => Math.max(...slices.map(of).filter(Number.isFinite))
  const curves: readonly Curve[] = [
    { title: 'searches a second', of: ({ rate }) => rate, most: most(({ rate }) => rate) },
    { title: 'workers that take jobs', of: ({ workers }) => workers, most: most(({ workers }) => workers) },
    {
      title: `p95 in ms (dashed: the goal of ${p95GoalMs}; above ${10 * p95GoalMs} not drawn)`,
      of: ({ p95Ms }) => p95Ms,
      most: Math.min(
        10 * p95GoalMs,
        most(({ p95Ms }) => p95Ms),
      ),
      goal: p95GoalMs,
    },
  ]
  const height = curves.length * (HEIGHT + GAP) + 30
  const drawn = curves.map((curve, number) => draw(curve, { slices, top: 28 + number * (HEIGHT + GAP) }))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>Load, workers and p95 over time</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
<text x="${WIDTH / 2}" y="${height - 8}" text-anchor="middle">minutes since the load began to grow</text>
</svg>
`
}

function draw(
  { title, of, most, goal }: Curve,
  { slices, top }: { readonly slices: readonly SurgeSlice[]; readonly top: number },
): string {
  const first = slices[0]?.second ?? 0
  const span = (slices.at(-1)?.second ?? 1) - first
  const x = (second: number) => Math.round(LEFT + ((second - first) / span) * (WIDTH - LEFT - 10))
  const y = (value: number) => Math.round(top + HEIGHT - (Math.min(value, most) / most) * HEIGHT)
  const points = slices
    .filter((slice) => Number.isFinite(of(slice)))
    .map((slice) => `${x(slice.second)},${y(of(slice))}`)
  const minutes = slices.filter(({ second }) => second % 120 === 0)
  const across = (value: number, style: string) =>
    `<line x1="${LEFT}" x2="${WIDTH - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#999" ${style}/>`
  return [
    `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${Math.round(most)}</text>`,
    `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>`,
    across(0, ''),
    ...(goal === undefined ? [] : [across(goal, 'stroke-dasharray="4 3"')]),
    ...minutes.map(
      ({ second }) =>
        `<text x="${x(second)}" y="${top + HEIGHT + 14}" text-anchor="middle">${second / 60}</text>`,
    ),
    `<polyline points="${points.join(' ')}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>`,
  ].join('\n')
}
