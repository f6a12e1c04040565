import type { Assumptions } from './assumptions.ts'
import { compareWithModel } from './check-model.ts'
import type { Trigger } from './model/autoscaler.ts'
import { priceOf } from './plan/price.ts'
import { saturations } from './plan/saturation.ts'
import { type Costs, sizeCluster } from './plan/size-cluster.ts'
import { type Surge, surge } from './plan/surge.ts'
import type { Measured } from './read-inputs.ts'
import { surgePlot } from './report/surge-plot.ts'

/** One table of the answer. */
export interface Answer {
  readonly name: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

export interface Question {
  readonly measured: Measured
  readonly costs: Costs
  readonly assumptions: Assumptions
  /** Takes a drawing. */
  readonly plotted: (name: string, svg: string) => void
}

const FACES = [1_000_000, 10_000_000, 100_000_000]
const RATES = [10, 100, 1_000]
const MB = 1e6

/** How many of each part, for which gallery at which load. */
export function answerCapacity({ costs, assumptions }: Question): Answer {
  const rows = FACES.flatMap((faces) =>
    RATES.map((rate) => {
      const sized = sizeCluster({ faces, rate }, { costs, assumptions })
      if (sized === null) return [faces / MB, rate, ...Array(8).fill('not found')]
      const { plan, p95Ms } = sized
      const price = priceOf(plan, assumptions)
      const { gateways, workers, index } = plan
      return [
        faces / MB,
        rate,
        gateways.count,
        workers.count,
        index.shards,
        index.nodes,
        Math.round(p95Ms),
        price.cores,
        Math.round(price.memoryGb),
        Math.round(price.perMonth),
      ]
    }),
  )
  const heads = [
    'faces, millions',
    'searches/s',
    'gateways',
    'workers',
    'shards',
    'Qdrant nodes',
    'p95 ms',
    'cores',
    'memory GB',
    'a month',
  ]
  return { name: 'capacity', heads, rows }
}

/** What an autoscaler may go by: the targets are those of the chart, or what else they might be. */
function triggerSets(threads: number): Readonly<Record<string, readonly Trigger[]>> {
  const wait = { kind: 'value', target: 300, figure: 'estimatedWaitMs' } as const
  const oldest = { kind: 'value', target: 1_000, figure: 'oldestWaitingMs' } as const
  const active = (target: number) => ({ kind: 'averageValue', target, figure: 'active' }) as const
  return {
    'the wait alone': [wait, oldest],
    'the wait, and two running jobs for each thread': [wait, oldest, active(2 * threads)],
    'the wait, and one running job for each thread (the chart)': [wait, oldest, active(threads)],
  }
}
/** More runs tell less of chance, and take longer: a minute each on a busy core. */
const SEEDS = [1]
const SURGE = { faces: 1_000_000, rate: 100 }

/** What happens when the load doubles in a minute. */
export function answerSurge({ costs, assumptions, plotted }: Question): Answer {
  const sized = sizeCluster(SURGE, { costs, assumptions })
  const heads = [
    'the autoscaler goes by',
    'pod starts in s',
    'workers before',
    'after',
    's above goal',
    'worst p95 ms',
    'refused %',
  ]
  if (sized === null) return { name: 'surge', heads, rows: [] }
  const rows = Object.entries(triggerSets(assumptions.workerThreads)).flatMap(([name, triggers]) =>
    [assumptions.podStartMs, 4 * assumptions.podStartMs].map((podStartMs) => {
      const given = { rate: SURGE.rate, triggers, assumptions: { ...assumptions, podStartMs } }
      const runs = SEEDS.map((seed) => surge(sized.plan, { ...given, seed }))
      plotted(
        `surge-${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${podStartMs / 1000}s`,
        surgePlot(runs[0]!, assumptions.p95Ms),
      )
      return [name, podStartMs / 1000, ...surgeCells(runs)]
    }),
  )
  return { name: 'surge', heads, rows }
}

/** Means of the runs. */
function surgeCells(runs: readonly Surge[]): readonly number[] {
  const mean = (of: (one: Surge) => number) => runs.reduce((sum, one) => sum + of(one), 0) / runs.length
  return [
    mean(({ workersBefore }) => workersBefore),
    mean(({ workersAfter }) => workersAfter),
    mean(({ secondsAboveGoal }) => secondsAboveGoal),
    mean(({ worstP95Ms }) => worstP95Ms),
    mean(({ refused, asked }) => (100 * refused) / asked),
  ]
}

/** Where each part ends, and what to add. */
export function answerSaturation({ costs, assumptions }: Question): Answer {
  const sized = sizeCluster(SURGE, { costs, assumptions })
  const rows =
    sized === null
      ? []
      : saturations(sized.plan, assumptions).map(({ part, unit, perSecond, add }) => [
          part,
          unit,
          perSecond,
          add,
        ])
  return { name: 'saturation', heads: ['part', 'of which', 'searches/s', 'add'], rows }
}

/** The model against the real runs. */
export function answerCheck({ measured }: Question): Answer {
  const rows = measured.serving.runs.flatMap((run) =>
    compareWithModel(run, measured.serving.runs).map(({ figure, measured: seen, modelled, off }) => [
      `${run.workers} worker${run.workers > 1 ? 's' : ''}, ${run.rate.toFixed(1)}/s`,
      figure,
      seen,
      modelled,
      Math.round(off * 100),
    ]),
  )
  return { name: 'check', heads: ['run', 'figure', 'measured', 'model', 'off by %'], rows }
}
