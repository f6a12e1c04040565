import { deadlineMissed, withinTime } from '@semblance/core'
import type { Call, Endpoint } from './endpoint.ts'
import type { Reply } from './reply.ts'

/** The queue knows the deadline of its jobs, too, and better when to come again: it goes first. */
const GRACE_MS = 100

/**
 * The endpoint's handler, but with E_DEADLINE once its deadline is over, whatever it waits for: a job, a picture on its way
 * to the queue, or a store that is read for the answer. The signal aborts, and what comes of the rest goes unheard.
 */
export function byDeadline(endpoint: Endpoint): Endpoint['handle'] {
  const { deadlineMs, docs, path } = endpoint
  if (deadlineMs === undefined) return endpoint.handle
  return async (call: Call<unknown, unknown, unknown>): Promise<Reply> => {
    const over = new AbortController()
    const late = () => {
      const fault = deadlineMissed(docs?.operationId ?? path, 1)
      over.abort(fault)
      return fault
    }
    const signal = AbortSignal.any([call.context.signal, over.signal])
    const handling = async () => endpoint.handle({ ...call, context: { ...call.context, signal } })
    return withinTime(handling(), { limitMs: deadlineMs + GRACE_MS, late })
  }
}
