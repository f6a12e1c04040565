import { greatest, timePlot } from '../../simulate/report/time-plot.ts'
import type { FloodSlice } from './flood-record.ts'

/** Load, workers, waiting searches and p95 of a flood, as an SVG. */
export function floodPlot(moments: readonly FloodSlice[]): string {
  const most = (of: (slice: FloodSlice) => number) => greatest(moments, of)
  return timePlot<FloodSlice>({
    title: 'A flood on Kubernetes: load, workers, waiting searches and p95 over time',
    minutesSince: 'the flood began',
    moments,
    curves: [
      { title: 'searches asked in 10 s', of: ({ asked }) => asked, most: most(({ asked }) => asked) },
      {
        title: 'search workers that are ready (dashed: that KEDA asks for)',
        of: ({ workersReady }) => workersReady,
        also: ({ workersWanted }) => workersWanted,
        most: most(({ workersWanted }) => workersWanted),
      },
      {
        title: 'searches that wait in the queue',
        of: ({ waiting }) => waiting,
        most: most(({ waiting }) => waiting),
      },
      {
        title: 'p95 in ms, with the waits of those who are told to come again (dashed: median)',
        of: ({ p95Ms }) => p95Ms,
        also: ({ p50Ms }) => p50Ms,
        most: most(({ p95Ms }) => p95Ms),
      },
    ],
  })
}
