import type { JobQueue, Lane } from '@semblance/core'
import type { z } from 'zod'

/** One kind of job: what producers and handlers agree on. New payload fields stay optional until one release has drained. */
export interface JobDefinition<Payload, Result> {
  readonly name: string
  readonly lane: Lane
  readonly payload: z.ZodType<Payload>
  /** Never present; carries the type of the JSON result. */
  readonly result?: Result
}

export function defineJob<Result>() {
  return <Payload>(
    definition: Omit<JobDefinition<Payload, Result>, 'result'>,
  ): JobDefinition<Payload, Result> => definition
}

/** Runs a job somewhere and awaits its result; faults as `JobQueue.run` says. */
export async function runJob<Payload, Result>(
  queue: JobQueue,
  call: {
    readonly job: JobDefinition<Payload, Result>
    readonly payload: Payload
    readonly deadlineMs: number
  },
  waiting: { readonly signal: AbortSignal },
): Promise<Result> {
  const { job, payload, deadlineMs } = call
  const result = await queue.run({ name: job.name, lane: job.lane, payload, deadlineMs }, waiting)
  return result as Result
}
