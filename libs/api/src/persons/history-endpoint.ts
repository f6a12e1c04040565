import { type PersonEvent, readHistory } from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { ok } from '../endpoint/reply.ts'
import { feedbackView, viewFeedback } from '../feedback/feedback-view.ts'
import { personNotFound, personParams } from './person-paths.ts'

const KINDS = ['made', 'changed', 'image-added', 'merged', 'imported', 'feedback'] as const

const id = z.string().optional()

const eventView = z
  .object({
    kind: z.enum(KINDS).meta({
      description:
        'made; changed: the last time; image-added; merged: somebody else became part of this person; imported: an import means the person; feedback: on a candidate.',
    }),
    at: z.string().meta({ format: 'date-time', description: 'Of imported: when the import was begun.' }),
    imageId: id.meta({ format: 'uuid', description: 'Of image-added.' }),
    otherId: id.meta({ format: 'uuid', description: 'Of merged: an id that is no longer used.' }),
    importId: id.meta({ format: 'uuid', description: 'Of imported.' }),
    importName: id.meta({ description: 'Of imported.' }),
    madeByImport: z.boolean().optional().meta({ description: 'Of imported: whether it made the person.' }),
    feedback: feedbackView.optional().meta({ description: 'Of feedback.' }),
  })
  .meta({ id: 'PersonEvent' })

const historyView = z.object({ items: z.array(eventView) }).meta({ id: 'PersonHistory' })

/** What the records know to have happened to a person. */
export function historyEndpoint({ galleryOf, importing }: ApiDeps): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/persons/{personId}/history',
    access: 'key',
    params: personParams,
    docs: {
      operationId: 'get_person_history',
      tag: 'persons',
      summary: 'Read what is known to have happened to a person',
      description:
        'Ours. It is put together from the records, and no log: of changes only the last is known, of deleted images nothing, and searches are not recorded. The newest 100 of each kind.',
      answers: { 200: { description: 'Newest first.', schema: historyView } },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const deps = { gallery: galleryOf(context), imports: importing?.imports ?? null }
      const events = await readHistory(deps, params.personId, context)
      return events === null ? personNotFound() : ok({ items: events.map(viewEvent) })
    },
  })
}

function viewEvent(event: PersonEvent): z.infer<typeof eventView> {
  return { kind: event.kind, at: new Date(event.at).toISOString(), ...detailsOf(event) }
}

function detailsOf(event: PersonEvent): Omit<z.infer<typeof eventView>, 'kind' | 'at'> {
  switch (event.kind) {
    case 'made':
    case 'changed':
      return {}
    case 'image-added':
      return { imageId: event.imageId }
    case 'merged':
      return { otherId: event.otherId }
    case 'imported':
      return { importId: event.importId, importName: event.name, madeByImport: event.isMade }
    case 'feedback':
      return { feedback: viewFeedback(event.feedback) }
  }
}
