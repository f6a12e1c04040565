import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { RESULT_CODES } from '../endpoint/result-codes.ts'
import { cropOf, PORTRAIT } from '../fields/output-image-params.ts'
import { EXAMPLE_PICTURE } from '../fields/picture-content.ts'
import { searchScopeOf } from '../search/search-scope.ts'
import { matchAndSearchRequest, matchRequest } from './match-request.ts'
import { matchResultView } from './match-view.ts'
import { failed, runMatch } from './run-match.ts'

const ANSWERS = { 200: { description: 'See code.', schema: matchResultView } } as const

/** The contract answers every problem of a match with 200 and a code. */
const malformedBody = (msg: string) => failed(RESULT_CODES.badRequest, msg)

export function matchEndpoints(deps: ApiDeps): readonly Endpoint[] {
  return [matchEndpoint(deps), matchAndSearchEndpoint(deps)]
}

function matchEndpoint(deps: ApiDeps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/match',
    access: 'key',
    deadlineMs: deps.config.searchDeadlineMs,
    body: matchRequest,
    malformedBody,
    docs: {
      operationId: 'match',
      tag: 'search',
      summary: 'Do these pictures show the same person?',
      description:
        'Every pair of faces of different pictures, and of one picture if it is of type 4. Nothing is stored. Whatever is wrong is answered with 200 and a code; what is wrong with one picture, in its status.',
      bodyExample: { images: [{ data: EXAMPLE_PICTURE }, { data: EXAMPLE_PICTURE }] },
      answers: ANSWERS,
      problems: [],
    },
    handle: ({ body, context }) => {
      const images = body.images.map(({ data, ...image }) => ({ ...image, content: data }))
      const asThumbnails = body.thumbnails ?? false
      const crop = cropOf(body.outputImageParams) ?? (asThumbnails ? PORTRAIT : null)
      return runMatch(deps, { images, crop, search: null, asThumbnails }, context)
    },
  })
}

function matchAndSearchEndpoint(deps: ApiDeps): Endpoint {
  return endpoint({
    method: 'post',
    path: '/api/match_and_search',
    access: 'key',
    deadlineMs: deps.config.searchDeadlineMs,
    body: matchAndSearchRequest,
    malformedBody,
    docs: {
      operationId: 'matchAndSearch',
      tag: 'search',
      summary: 'Do these pictures show the same person, and who is it?',
      description:
        'Match and search in one: each face is described once for both. With a single face in all pictures only the search is made.',
      bodyExample: { images: [{ content: EXAMPLE_PICTURE }, { content: EXAMPLE_PICTURE }], limit: 10 },
      answers: ANSWERS,
      problems: [],
    },
    handle: ({ body, context }) => {
      const search = { ...searchScopeOf(body, deps.config), field: null }
      return runMatch(deps, { images: body.images, crop: null, search, asThumbnails: false }, context)
    },
  })
}
