const WIDTH = 720
const HEIGHT = 130
const LEFT = 60
const GAP = 46

/** One moment of what is drawn. */
interface Moment {
  readonly second: number
}

/** One of the lines of a diagram; a second one is drawn dashed. */
export interface Curve<M extends Moment> {
  readonly title: string
  /** NaN leaves a gap out. */
  readonly of: (moment: M) => number
  readonly also?: (moment: M) => number
  /** The greatest value that is drawn; greater ones touch the edge. */
  readonly most: number
  /** A line across, such as a goal. */
  readonly goal?: number
}

export interface TimePlot<M extends Moment> {
  readonly title: string
  /** What stands below: of what the minutes count. */
  readonly minutesSince: string
  readonly curves: readonly Curve<M>[]
  readonly moments: readonly M[]
}

/** Curves over time, one above the other, as an SVG. */
export function timePlot<M extends Moment>({ title, minutesSince, curves, moments }: TimePlot<M>): string {
  const height = curves.length * (HEIGHT + GAP) + 30
  const drawn = curves.map((curve, number) => draw(curve, { moments, top: 28 + number * (HEIGHT + GAP) }))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
<text x="${WIDTH / 2}" y="${height - 8}" text-anchor="middle">minutes since ${minutesSince}</text>
</svg>
`
}

/** The greatest of the finite values. */
export function greatest<M>(moments: readonly M[], of: (moment: M) => number): number {
  return Math.max(...moments.map(of).filter(Number.isFinite))
}

function draw<M extends Moment>(
  { title, of, also, most, goal }: Curve<M>,
  { moments, top }: { readonly moments: readonly M[]; readonly top: number },
): string {
  const first = moments[0]?.second ?? 0
  const span = (moments.at(-1)?.second ?? 1) - first
  const x = (second: number) => Math.round(LEFT + ((second - first) / span) * (WIDTH - LEFT - 10))
  const y = (value: number) => Math.round(top + HEIGHT - (Math.min(value, most) / most) * HEIGHT)
  const line = (value: (moment: M) => number, style: string) => {
    const points = moments
      .filter((moment) => Number.isFinite(value(moment)))
      .map((moment) => `${x(moment.second)},${y(value(moment))}`)
    return `<polyline points="${points.join(' ')}" fill="none" stroke="#1f5fa8" ${style}/>`
  }
  const everyMinutes = Math.ceil(span / 480)
  const minutes = Array.from(
    { length: Math.floor(span / 60) + 1 },
    (_, index) => Math.ceil(first / 60) + index,
  ).filter((minute) => minute % everyMinutes === 0 && minute * 60 <= first + span)
  const across = (value: number, style: string) =>
    `<line x1="${LEFT}" x2="${WIDTH - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#999" ${style}/>`
  return [
    `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${Math.round(most)}</text>`,
    `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>`,
    across(0, ''),
    ...(goal === undefined ? [] : [across(goal, 'stroke-dasharray="4 3"')]),
    ...minutes.map(
      (minute) =>
        `<text x="${x(minute * 60)}" y="${top + HEIGHT + 14}" text-anchor="middle">${minute}</text>`,
    ),
    ...(also === undefined ? [] : [line(also, 'stroke-dasharray="3 3"')]),
    line(of, 'stroke-width="1.5"'),
  ].join('\n')
}
