import type { JobQueue, Lane } from '@semblance/core'
import { catalogue, type JobName, type JobPayload, type JobResult, linksOf } from './catalogue.ts'

export interface JobCall<Name extends JobName> {
  readonly job: Name
  readonly payload: JobPayload<Name>
  readonly deadlineMs: number
  /** How urgent this call is; left out: as urgent as the catalogue says of its job. */
  readonly lane?: Lane
}

/** Runs a job somewhere and awaits its result; faults as `JobQueue.run` says. */
export async function runJob<Name extends JobName>(
  queue: JobQueue,
  call: JobCall<Name>,
  waiting: { readonly signal: AbortSignal },
): Promise<JobResult<Name>> {
  const { job, payload, deadlineMs, lane = catalogue[job].lane } = call
  const preparesFirst = linksOf(job, payload).length > 0
  const result = await queue.run({ name: job, lane, payload, deadlineMs, preparesFirst }, waiting)
  return result as JobResult<Name>
}
