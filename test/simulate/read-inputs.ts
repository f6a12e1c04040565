import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Assumptions, assumptionsSchema } from './assumptions.ts'
import { indexDelayOf, meanCpu, spreadOf } from './demands.ts'
import type { MeasuredIndex, MeasuredServing } from './measured.ts'
import { bytesPerFace, fitShardCost, pointsOf } from './plan/index-cost.ts'
import type { Costs } from './plan/size-cluster.ts'

/** What was measured on one machine: `docs/scaling.md` has the commands that measured it. */
export interface Measured {
  readonly serving: MeasuredServing
  readonly index: readonly MeasuredIndex[]
}

/** Qdrant's own work for a question, besides its shards: what a search of hardly any rows took. */
const QUESTION_MS = 1

export function readMeasured(): Measured {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'measured.json'), 'utf8')) as Measured
}

/** `file`: JSON with those that differ from ours. Throws with what is wrong with it. */
export function readAssumptions(file: string | undefined): Assumptions {
  return assumptionsSchema.parse(file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8')))
}

export function costsFrom({ serving, index }: Measured, { quantization }: Assumptions): Costs {
  const calibrations = serving.runs.flatMap((run) => run.calibrations)
  const points = pointsOf(index.filter((one) => one.quantization === quantization))
  if (points.length === 0)
    throw new Error(`nothing was measured of the index with quantization ${quantization}`)
  const { gateway, redis } = serving.job
  return {
    // At few searches a second, what both do without any search would count as theirs.
    cpu: { ...meanCpu(calibrations), gateway, redis },
    spread: spreadOf(calibrations),
    shard: fitShardCost(points, QUESTION_MS),
    indexDelayMs: indexDelayOf(calibrations),
    bytesPerFace: bytesPerFace(points),
  }
}
