import type { GalleryPorts, SearchEnrolledOutcome, SearchReach } from '@semblance/core'
import type { SearchResult } from '@semblance/jobs'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { created, ok, type Reply, refuse } from '../endpoint/reply.ts'
import { RESULT_CODES } from '../endpoint/result-codes.ts'
import { imageNotFound, personNotFound, unknownGroups } from '../persons/person-paths.ts'
import { explainLowQuality, viewBroken } from '../pictures/low-quality.ts'
import { explainProblem, NO_FACE, replyToProblem } from '../pictures/picture-problem.ts'
import { addPictures } from './add-pictures.ts'
import { viewReach } from './search-scope.ts'
import { type SearchPersonView, viewCreated, viewFound } from './search-view.ts'

interface AnswerOptions {
  /** The most persons in the answer, over all faces. */
  readonly limit: number
  readonly withImages: boolean
}

export async function replyToSearch(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  search: { readonly result: SearchResult; readonly options: AnswerOptions },
  context: RequestContext,
): Promise<Reply> {
  const { result, options } = search
  switch (result.outcome) {
    case 'searched': {
      const persons = flatten(result.faces, options.limit, context.baseUrl)
      return showFound(gallery, { persons, reach: result.reach, options }, context)
    }
    case 'created':
      return created(viewCreated(result, context.baseUrl))
    case 'no-face':
      return ok({ code: RESULT_CODES.noFace, msg: NO_FACE, persons: [] })
    case 'low-quality': {
      const msg = `nobody was found, and nobody was made: ${explainLowQuality(result)}`
      return ok({ code: RESULT_CODES.lowQuality, msg, persons: [], lowQuality: viewBroken(result) })
    }
    case 'undecodable': {
      const { code, msg } = explainProblem(result)
      return ok({ code, msg, persons: [] })
    }
    case 'unknown-groups':
      return unknownGroups('groupIds', result.groups)
    case 'too-many-pixels':
    case 'link-refused':
      return refuseSearch(result)
    case 'not-created':
      return notCreated()
  }
}

/** Answers a search by an enrolled person or image: no face was looked for, so no detection is told. */
export async function replyToEnrolledSearch(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  search: { readonly result: SearchEnrolledOutcome; readonly options: AnswerOptions },
  context: RequestContext,
): Promise<Reply> {
  const { result, options } = search
  switch (result.outcome) {
    case 'searched': {
      const persons = result.persons.map((person) => viewFound(person, null, context.baseUrl))
      return showFound(gallery, { persons, reach: result.reach, options }, context)
    }
    case 'person-not-found':
      return personNotFound()
    case 'image-not-found':
      return imageNotFound()
  }
}

async function showFound(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  found: {
    readonly persons: readonly SearchPersonView[]
    readonly reach: SearchReach | undefined
    readonly options: AnswerOptions
  },
  context: RequestContext,
): Promise<Reply> {
  const reach = viewReach(found.reach)
  if (!found.options.withImages) return ok({ code: RESULT_CODES.ok, persons: found.persons, ...reach })
  const { persons, contents } = await addPictures(gallery, found.persons, context)
  const value = { code: RESULT_CODES.ok, persons, ...reach }
  return { status: 200, body: { kind: 'json', value, contents } }
}

type SearchedFaces = Extract<SearchResult, { outcome: 'searched' }>['faces']

/** One list over all faces, nearest first. A person found by two faces is in it twice and counts once. */
function flatten(faces: SearchedFaces, limit: number, baseUrl: string | null): readonly SearchPersonView[] {
  const found = faces
    .flatMap(({ detection, persons }) => persons.map((person) => ({ person, detection })))
    .toSorted((a, b) => nearestDistanceOf(a.person) - nearestDistanceOf(b.person))
  const counted = new Set<string>()
  for (const { person } of found) {
    if (counted.size < limit) counted.add(person.person.id)
  }
  return found
    .filter(({ person }) => counted.has(person.person.id))
    .map(({ person, detection }) => viewFound(person, detection, baseUrl))
}

function nearestDistanceOf(person: SearchedFaces[number]['persons'][number]): number {
  return person.images[0]?.distance ?? Number.POSITIVE_INFINITY
}

/** The contract knows one type for every 400 of a search; ours goes along as metadata. */
function refuseSearch(
  problem: Extract<SearchResult, { outcome: 'too-many-pixels' | 'link-refused' }>,
): Reply {
  const { type, msg, metadata } = explainProblem(problem)
  return replyToProblem(problem, refuse('BadParamsException', msg, { cause: type, ...metadata }))
}

/** Somebody deleted the newcomer, or the lease was lost: nothing was made, and the same request may be sent again. */
function notCreated(): Reply {
  const reply = refuse('E_CONFLICT', 'the person could not be created; try again')
  return { ...reply, headers: { 'Retry-After': '1' } }
}
