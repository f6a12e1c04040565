import { currentTrace, type JobQueue, type JobWaiting, type Lane } from '@semblance/core'
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
  waiting: JobWaiting,
): Promise<JobResult<Name>> {
  const { job, payload, deadlineMs, lane = catalogue[job].lane } = call
  const { laneShare } = catalogue[job]
  const preparesFirst = linksOf(job, payload).length > 0
  const request = {
    name: job,
    lane,
    payload,
    deadlineMs,
    preparesFirst,
    ...(laneShare === undefined ? {} : { laneShare }),
  }
  const step = currentTrace()?.begin(`queue ${job}`)
  if (step === undefined) return (await queue.run(request, waiting)) as JobResult<Name>
  try {
    const traced = { ...payload, traceparent: step.traceparent }
    const result = await queue.run({ ...request, payload: traced }, waiting)
    step.end()
    return result as JobResult<Name>
  } catch (fault) {
    step.end({ fault })
    throw fault
  }
}
