import { type GalleryOf, type MergePersonsOutcome, mergePersons, type PersonId } from '@semblance/core'
import { z } from 'zod'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { ok, type Reply, refuse } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'
import { personParams } from './person-paths.ts'
import { personView, viewPerson } from './person-view.ts'

const personToMerge = z
  .strictObject({
    otherId: idField<PersonId>('The other one, who is there no more afterwards.'),
    dropExternalId: z.boolean().default(false).meta({
      description: "Takes the other one's external id away. Without it two that differ are refused.",
    }),
  })
  .meta({ id: 'MergePersonRequest' })

/** Makes one person of two who are the same. */
export function mergeEndpoint(galleryOf: GalleryOf): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/persons/{personId}/merge',
    access: 'key',
    params: personParams,
    body: personToMerge,
    docs: {
      operationId: 'merge_persons',
      tag: 'persons',
      summary: 'Merge another person into this one',
      description:
        'Ours. This person gets all pictures of the other one, at one moment: no search finds a picture under both, or under neither. Groups are those of both; of metadata, what this person has no key for is added; name and external id of the other one count where this person has none; the later expiry counts, and none if either has none. Sent again, it has no further effect.',
      bodyExample: { otherId: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e78' },
      answers: { 200: { description: 'This person, as it is now.', schema: personView } },
      problems: [400, 404, 409],
    },
    // It takes no signal: a caller that leaves half way must not leave half a write to the reconciler.
    handle: async ({ params, body, context }) => {
      const { otherId, dropExternalId: dropsExternalId } = body
      const merge = { id: params.personId, otherId, dropsExternalId }
      return replyTo(await mergePersons(galleryOf(context), merge))
    },
  })
}

function replyTo(outcome: MergePersonsOutcome): Reply {
  switch (outcome.outcome) {
    case 'merged':
      return ok(viewPerson(outcome.person))
    case 'person-not-found': {
      const { personId } = outcome
      return refuse('PersonNotFound', `there is no person ${personId}`, { personId })
    }
    case 'same-person':
      return notMergeable('a person cannot be merged into itself')
    case 'two-external-ids':
      return notMergeable(
        'both have an external id, and they differ: send dropExternalId (semblance persons merge … --drop-external-id) to give up that of the person who goes',
      )
    case 'too-much-metadata':
      return notMergeable('the metadata of both together is longer than metadata may be')
  }
}

function notMergeable(why: string): Reply {
  return refuse('PersonsNotMergeable', `${why}; nothing was changed`)
}
