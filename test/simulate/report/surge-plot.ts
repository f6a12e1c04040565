import type { Surge, SurgeSlice } from '../plan/surge.ts'
import { greatest, timePlot } from './time-plot.ts'

/** Load, workers and p95 over time, one above the other, as an SVG. */
export function surgePlot({ slices }: Surge, p95GoalMs: number): string {
  const most = (of: (slice: SurgeSlice) => number) => greatest(slices, of)
  return timePlot<SurgeSlice>({
    title: 'Load, workers and p95 over time',
    minutesSince: 'the load began to grow',
    moments: slices,
    curves: [
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
    ],
  })
}
