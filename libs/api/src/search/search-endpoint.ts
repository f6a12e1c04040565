import { type PictureSource, runJob, type SearchEnrolledPayload } from '@semblance/jobs'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { EXAMPLE_PICTURE } from '../fields/picture-content.ts'
import { deletedSince } from '../persons/person-paths.ts'
import { withPicture } from '../pictures/with-picture.ts'
import { observeSearch } from './observe-search.ts'
import { type RepeatedSearch, repeatNewcomer } from './repeat-newcomer.ts'
import { replyToEnrolledSearch, replyToSearch } from './reply-to-search.ts'
import { searchEnrolledPayloadOf, searchPayloadOf } from './search-payload.ts'
import { type SearchInput, searchQuery, searchRequest } from './search-request.ts'
import { limitOf } from './search-scope.ts'
import { createdPersonView, searchResultView } from './search-view.ts'

export function searchEndpoint(deps: ApiDeps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/search',
    access: 'key',
    deadlineMs: deps.config.searchDeadlineMs,
    query: searchQuery,
    body: searchRequest,
    docs: {
      operationId: 'search',
      tag: 'search',
      summary: 'Who is in this picture?',
      description:
        'Persons whose pictures are within the threshold, nearest first. A picture without a face is an answer, not an error: code 2. Instead of a picture, the id of an enrolled person or image can be sent.',
      bodyExample: { image: { content: EXAMPLE_PICTURE }, limit: 10 },
      answers: {
        200: { description: 'The search was made.', schema: searchResultView },
        201: { description: 'Nobody was found, and createPerson was made.', schema: createdPersonView },
      },
      problems: [400, 404, 409],
    },
    handle: async ({ query, body, context }) => {
      const options = { limit: limitOf(body), withImages: query.withImages }
      const gallery = deps.galleryOf(context)
      const enrolled = searchEnrolledPayloadOf(body, { context, config: deps.config })
      if (enrolled !== null) {
        const result = await searchEnrolled(deps, enrolled, context)
        observeSearch(deps.metrics, result)
        return replyToEnrolledSearch(gallery, { result, options }, context)
      }
      const result = await search(deps, body, context)
      if (result.outcome === 'deleted-since') return deletedSince()
      observeSearch(deps.metrics, result)
      return replyToSearch(gallery, { result, options }, context)
    },
  })
}

function search(deps: ApiDeps, input: SearchInput, context: RequestContext): Promise<RepeatedSearch> {
  const { signal } = context
  const { config } = deps
  const payload = searchPayloadOf(input, { context, config })
  const task = (picture: PictureSource) =>
    runJob(
      deps.queue,
      { job: 'search', payload: { ...payload, picture }, deadlineMs: config.searchDeadlineMs },
      { signal },
    )
  const run = () => withPicture(deps.inFlight, input.image ?? {}, { signal, task })
  if (!context.isRepeat || payload.createPerson === null) return run()
  const { personId } = payload.createPerson
  return repeatNewcomer(deps.galleryOf(context), { personId, search: run }, context)
}

/** Through the queue, too: a person with many images takes as many searches. */
function searchEnrolled(deps: ApiDeps, payload: SearchEnrolledPayload, { signal }: RequestContext) {
  const deadlineMs = deps.config.searchDeadlineMs
  return runJob(deps.queue, { job: 'search-enrolled', payload, deadlineMs }, { signal })
}
