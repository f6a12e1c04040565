import {
  FEEDBACK_VERDICTS,
  type FeedbackId,
  type GalleryOf,
  type GiveFeedbackOutcome,
  giveFeedback,
  type ImageId,
  isUuid,
  listFeedback,
  MOST_FEEDBACK_OF_PERSON,
  type PersonId,
} from '@semblance/core'
import { z } from 'zod'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { created, noContent, notThere, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'
import { imageNotFound, personNotFound } from '../persons/person-paths.ts'
import { feedbackPage, feedbackView, viewFeedback } from './feedback-view.ts'

const DEFAULT_SIZE = 100
const MAX_SIZE = 1_000
/** As long as an `X-RequestID` may be. */
const MAX_REQUEST_ID = 200

const feedbackToKeep = z
  .strictObject({
    personId: idField<PersonId>('Who was the candidate.'),
    imageId: idField<ImageId>('The enrolled image in the hit: `persons[].images[].id`.'),
    distance: z.number().min(0).max(2).meta({ description: 'As the search told it.', example: 0.91 }),
    verdict: z.enum(FEEDBACK_VERDICTS),
    requestId: z
      .string()
      .min(1)
      .max(MAX_REQUEST_ID)
      .nullish()
      .meta({ description: 'The `X-RequestID` of the search.' }),
  })
  .meta({ id: 'FeedbackFields' })

const text = (holds: (given: string) => boolean, otherwise: string) => z.string().refine(holds, otherwise)

const feedbackQuery = z.strictObject({
  personId: text(isUuid, 'must be a UUID')
    .transform((given) => given.toLowerCase() as PersonId)
    .optional()
    .meta({ description: 'What was said of this person alone.' }),
  size: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${MAX_SIZE}`)
    .transform((given) => Math.min(Number(given), MAX_SIZE))
    .default(DEFAULT_SIZE)
    .meta({ override: { type: 'integer', minimum: 1, maximum: MAX_SIZE, default: DEFAULT_SIZE } }),
  cursor: text(isUuid, 'must be the nextCursor of a page')
    .transform((given) => given.toLowerCase() as FeedbackId)
    .optional()
    .meta({ description: 'The nextCursor of the page before.' }),
})

const feedbackParams = z.object({ feedbackId: idField<FeedbackId>('Feedback id.') })

/** What people say of candidates. */
export function feedbackEndpoints(galleryOf: GalleryOf): readonly Endpoint[] {
  return [giveEndpoint(galleryOf), listEndpoint(galleryOf), takeBackEndpoint(galleryOf)]
}

function giveEndpoint(galleryOf: GalleryOf): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/feedback',
    access: 'key',
    body: feedbackToKeep,
    docs: {
      operationId: 'give_feedback',
      tag: 'search',
      summary: 'Say whether a candidate was the right one',
      description: `Ours. It is written down and changes no search. Of the picture that was searched with nothing is kept. What is said of a person is erased with them; the newest ${MOST_FEEDBACK_OF_PERSON} of each are kept.`,
      bodyExample: {
        personId: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77',
        imageId: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e79',
        distance: 0.91,
        verdict: 'not-this-person',
      },
      answers: { 201: { description: 'What was written down.', schema: feedbackView } },
      problems: [400, 404],
    },
    handle: async ({ body, context }) => {
      const given = { ...body, id: context.newId() as FeedbackId, requestId: body.requestId ?? null }
      return replyTo(await giveFeedback(galleryOf(context), given, context))
    },
  })
}

function listEndpoint(galleryOf: GalleryOf): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/feedback',
    access: 'key',
    query: feedbackQuery,
    docs: {
      operationId: 'list_feedback',
      tag: 'search',
      summary: 'Read what was said of candidates',
      description: 'Ours. A page may be short while there is a `nextCursor`.',
      answers: { 200: { description: 'Newest first.', schema: feedbackPage } },
      problems: [400],
    },
    handle: async ({ query, context }) => {
      const { personId = null, cursor: before = null, size } = query
      const page = await listFeedback(galleryOf(context), { personId, before, size }, context)
      const more = page.nextCursor === null ? {} : { nextCursor: page.nextCursor }
      return ok({ items: page.items.map(viewFeedback), ...more })
    },
  })
}

function takeBackEndpoint(galleryOf: GalleryOf): Endpoint {
  return endpoint({
    method: 'delete',
    path: '/api/feedback/{feedbackId}',
    access: 'key',
    params: feedbackParams,
    docs: {
      operationId: 'delete_feedback',
      tag: 'search',
      summary: 'Take back what was said of a candidate',
      description: 'Ours.',
      answers: { 204: { description: 'Taken back.' } },
      problems: [400, 404],
    },
    handle: async ({ params, context }) => {
      const wasThere = await galleryOf(context).records.feedback.remove(params.feedbackId, context)
      if (wasThere) return noContent
      return notThere(context, refuse('FeedbackNotFound', 'there is no such feedback'))
    },
  })
}

function replyTo(outcome: GiveFeedbackOutcome): Reply {
  switch (outcome.outcome) {
    case 'kept':
      return created(viewFeedback(outcome.feedback))
    case 'person-not-found':
      return personNotFound()
    case 'image-not-found':
      return imageNotFound()
  }
}
