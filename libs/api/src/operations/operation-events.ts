import type { OperationStore } from '@semblance/core'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { EVENTS_DOCS, followed } from '../endpoint/progress-events.ts'
import { operationNotFound, operationParams } from './operation-paths.ts'
import { viewOperation } from './operation-view.ts'

/** Progress while it is made. */
export function operationEventEndpoint(
  { clock }: Pick<ApiDeps, 'clock'>,
  operations: OperationStore,
): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/operations/{operationId}/events',
    access: 'key',
    params: operationParams,
    docs: {
      operationId: 'get_operation_events',
      tag: 'bulk',
      summary: 'Follow the progress of a long operation',
      description: `Ours. ${EVENTS_DOCS}`,
      answers: {
        200: { description: 'The events.', contentType: 'text/event-stream' },
        204: { description: 'It has ended, and the caller knows how.' },
      },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const read = async () => {
        const found = await operations.records.find(params.operationId, context)
        if (found === null) return null
        const view = viewOperation(found, clock.now())
        // Rates change with the time alone.
        const { progress: _, ...state } = view
        return { view, state, isEnd: found.endedAt !== null }
      }
      return (await followed(read, context)) ?? operationNotFound()
    },
  })
}
