import { runInStep, type Tracing } from '@semblance/core'
import type { JobOrigin } from '../catalogue.ts'

/** The work as a step of the trace of whoever waits for the job, which may be another process. */
export async function inTrace<T>(
  tracing: Tracing | undefined,
  { name, payload }: { readonly name: string; readonly payload: JobOrigin },
  work: () => Promise<T>,
): Promise<T> {
  const { requestId, traceparent } = payload
  if (tracing === undefined || traceparent === undefined) return work()
  const attributes = { 'semblance.request_id': requestId }
  const step = tracing.begin({ name, kind: 'job', traceparent, attributes })
  try {
    const result = await runInStep(step, work)
    step.end()
    return result
  } catch (fault) {
    step.end({ fault })
    throw fault
  }
}
