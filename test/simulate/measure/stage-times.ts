import type { StageTimes } from '../measured.ts'

/** Stages that run in an inference thread. */
const IN_THREADS = ['detect', 'landmarks', 'describe'] as const

/** Sums of the stages of some workers so far, s, and how many pictures they were of. */
export interface StageSums {
  readonly pictures: number
  readonly seconds: Readonly<Record<string, number>>
}

/** Reads the metrics of workers, by their ops addresses. */
export async function readStages(opsUrls: readonly string[]): Promise<StageSums> {
  let pictures = 0
  const seconds: Record<string, number> = {}
  for (const url of opsUrls) {
    const text = await (await fetch(`${url}/metrics`)).text()
    for (const [, stage = '', value] of text.matchAll(
      /^semblance_stage_seconds_sum\{stage="(\w+)"\} (\S+)$/gm,
    ))
      seconds[stage] = (seconds[stage] ?? 0) + Number(value)
    pictures += Number(/^semblance_stage_seconds_count\{stage="decode"\} (\S+)$/m.exec(text)?.[1] ?? 0)
  }
  return { pictures, seconds }
}

/** What each picture took between two readings. Null if there was none. */
export function stagesBetween(before: StageSums, after: StageSums): StageTimes | null {
  const pictures = after.pictures - before.pictures
  if (pictures <= 0) return null
  const ms = (stage: string) =>
    (((after.seconds[stage] ?? 0) - (before.seconds[stage] ?? 0)) * 1000) / pictures
  return {
    decodeMs: ms('decode'),
    inferenceMs: IN_THREADS.reduce((sum, stage) => sum + ms(stage), 0),
    indexMs: ms('index'),
  }
}
