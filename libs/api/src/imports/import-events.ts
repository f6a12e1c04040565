import { findImport } from '@semblance/core'
import type { ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { EVENTS_DOCS, followed } from '../endpoint/progress-events.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { type ImportView, readImportView, type ViewDeps } from './import-view.ts'

type Ports = Pick<ImportingPorts, 'imports'> & ViewDeps

/** Progress while it is made. */
export function eventEndpoint(ports: Ports): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/imports/{importId}/events',
    access: 'key',
    params: importParams,
    docs: {
      operationId: 'get_import_events',
      tag: 'imports',
      summary: 'Follow the progress of an import',
      description: EVENTS_DOCS,
      answers: {
        200: { description: 'The events.', contentType: 'text/event-stream' },
        204: { description: 'It has ended, and the caller knows how.' },
      },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const read = async () => {
        const made = await findImport(ports.imports, params.importId, context)
        if (made === null) return null
        const view = await readImportView(ports, made, context)
        const isEnd = made.endedAt !== null
        return { view, state: withoutTime(view), isEnd }
      }
      return (await followed(read, context)) ?? importNotFound()
    },
  })
}

/** What is the same as long as nothing has changed but the time. */
function withoutTime({ rows, progress, ...made }: ImportView): unknown {
  return [made, { ...rows, oldestWaitingSeconds: 0 }, progress.waitsFor]
}
