import {
  type GalleryPorts,
  listPairs,
  type OperationStore,
  PAIR_DECISIONS,
  type PairPlace,
  type PairQuery,
  type PersonId,
} from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { noContent, ok, refuse, streamed } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'
import { findSearch } from './find-search.ts'
import { duplicateParams, operationNotFound } from './operation-paths.ts'
import { cursorOf, pairPage, placeOfCursor, viewPair } from './pair-view.ts'

const PAIRS = '/api/duplicates/{duplicatesId}/pairs'
const DEFAULT_SIZE = 100
const MAX_SIZE = 1_000
/** Pairs that a stream reads at once. */
const STREAMED_AT_ONCE = 500

const pairQuery = z.strictObject({
  format: z.enum(['json', 'ndjson']).default('json').meta({
    description: 'ndjson: all pairs, a line for each; `size` and `cursor` count for json only.',
  }),
  size: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${MAX_SIZE}`)
    .transform((text) => Math.min(Number(text), MAX_SIZE))
    .default(DEFAULT_SIZE)
    .meta({ override: { type: 'integer', minimum: 1, maximum: MAX_SIZE, default: DEFAULT_SIZE } }),
  cursor: z
    .string()
    .refine((text) => placeOfCursor(text) !== null, 'must be the nextCursor of a page')
    .transform(placeOfCursor)
    .optional()
    .meta({ description: 'The nextCursor of the page before.', override: { type: 'string' } }),
  decision: z
    .enum([...PAIR_DECISIONS, 'none'])
    .optional()
    .meta({ description: 'Only pairs of which this was decided; none: nothing yet.' }),
})

const pairDecision = z
  .strictObject({
    personIds: z.tuple([idField<PersonId>('Person id.'), idField<PersonId>('Person id.')]),
    decision: z.enum(PAIR_DECISIONS).nullable().meta({
      description: 'keep: they are two persons. later: look again. null: as if nothing had been decided.',
    }),
  })
  .meta({ id: 'PairDecision' })

type Deps = Pick<ApiDeps, 'galleryOf'>

export function pairEndpoints(deps: Deps, operations: OperationStore): readonly Endpoint[] {
  return [listEndpoint(deps, operations), decideEndpoint(operations)]
}

function listEndpoint({ galleryOf }: Deps, operations: OperationStore): Endpoint {
  return endpoint({
    method: 'get',
    path: PAIRS,
    access: 'key',
    params: duplicateParams,
    query: pairQuery,
    docs: {
      operationId: 'list_duplicate_pairs',
      tag: 'bulk',
      summary: 'Read the pairs that were found',
      description:
        'Ours. The nearest come first. Persons are shown as they are now; a pair vanishes with either of its persons or pictures, so that a page may be short while there is a `nextCursor`. After a merge it names the one who stays.',
      answers: {
        200: { description: 'A page of pairs, or all of them as lines of JSON.', schema: pairPage },
      },
      problems: [400, 404],
    },
    handle: async ({ params, query, context }) => {
      const found = await findSearch(operations, params.duplicatesId, context)
      if (found === null) return operationNotFound()
      const { format, size, cursor, decision } = query
      const wanted: Omit<PairQuery, 'after' | 'limit'> = {
        id: found.id,
        ...(decision === undefined ? {} : { decision: decision === 'none' ? null : decision }),
      }
      const deps = { gallery: galleryOf(context), operations }
      if (format === 'ndjson')
        return streamed('application/x-ndjson', linesOf(deps, wanted, context), {
          'Cache-Control': 'no-store',
        })
      const { pairs, next } = await listPairs(
        deps,
        { ...wanted, after: cursor ?? null, limit: size },
        context,
      )
      const items = pairs.map((pair) => viewPair(pair, context.baseUrl))
      return ok({ items, ...(next === null ? {} : { nextCursor: cursorOf(next) }) })
    },
  })
}

async function* linesOf(
  deps: { readonly gallery: GalleryPorts; readonly operations: OperationStore },
  wanted: Omit<PairQuery, 'after' | 'limit'>,
  context: RequestContext,
): AsyncGenerator<string> {
  for (let after: PairPlace | null = null; ; ) {
    const query: PairQuery = { ...wanted, after, limit: STREAMED_AT_ONCE }
    const { pairs, next } = await listPairs(deps, query, context)
    yield pairs.map((pair) => `${JSON.stringify(viewPair(pair, context.baseUrl))}\n`).join('')
    if (next === null) return
    after = next
  }
}

function decideEndpoint(operations: OperationStore): Endpoint {
  return endpoint({
    method: 'put',
    path: '/api/duplicates/{duplicatesId}/decisions',
    access: 'key',
    params: duplicateParams,
    body: pairDecision,
    docs: {
      operationId: 'decide_duplicate_pair',
      tag: 'bulk',
      summary: 'Say what was decided about a pair',
      description:
        'Ours. To make one person of the two, merge them: the pair then vanishes. A later search finds a pair that was kept as kept already.',
      bodyExample: {
        personIds: ['01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77', '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e78'],
        decision: 'keep',
      },
      answers: { 204: { description: 'Written down.' } },
      problems: [400, 404],
    },
    handle: async ({ params, body, context }) => {
      const found = await findSearch(operations, params.duplicatesId, context)
      if (found === null) return operationNotFound()
      const [personId, otherId] = body.personIds.toSorted() as [PersonId, PersonId]
      const isThere = await operations.pairs.decide(
        { id: found.id, personId, otherId },
        body.decision,
        context,
      )
      return isThere ? noContent : refuse('PairNotFound', 'this search has no such pair')
    },
  })
}
