import { setTimeout as sleep } from 'node:timers/promises'
import { findImport, type ImportId, type ProgressDeps, type Waiting } from '@semblance/core'
import type { ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { streamed } from '../endpoint/reply.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { type ImportView, readImportView } from './import-view.ts'

const EVERY_MS = 1_000
/** Proxies close a connection on which nothing comes for a minute or less. */
const BEAT_EVERY = 15

type Ports = Pick<ImportingPorts, 'imports'> & ProgressDeps

/** Progress while it is made. Each event is the whole import, so that nothing is lost by one that was missed. */
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
      description:
        'Server-sent events named `progress`, whenever something changed, at most one a second. Each has the whole import as GET of the import answers it, so that whoever comes back misses nothing. The stream ends with the import.',
      answers: { 200: { description: 'The events.', contentType: 'text/event-stream' } },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const made = await findImport(ports.imports, params.importId, context)
      if (made === null) return importNotFound()
      return streamed('text/event-stream', eventsOf(ports, params.importId, context), {
        'Cache-Control': 'no-store',
      })
    },
  })
}

async function* eventsOf(ports: Ports, id: ImportId, waiting: Waiting): AsyncGenerator<string> {
  let last = ''
  for (let quiet = 0; ; ) {
    const made = await findImport(ports.imports, id, waiting)
    if (made === null) return
    const view = await readImportView(ports, made, waiting)
    const state = withoutTime(view)
    quiet = state === last ? quiet + 1 : 0
    if (quiet === 0) yield `event: progress\nid: ${made.rev}\ndata: ${JSON.stringify(view)}\n\n`
    else if (quiet % BEAT_EVERY === 0) yield ': still here\n\n'
    last = state
    if (made.state === 'done' || made.state === 'cancelled') return
    await sleep(EVERY_MS, undefined, { signal: waiting.signal, ref: false })
  }
}

/** What is the same as long as nothing has changed but the time. */
function withoutTime({ rows, progress, ...made }: ImportView): string {
  return JSON.stringify([made, { ...rows, oldestWaitingSeconds: 0 }, progress.waitsFor])
}
