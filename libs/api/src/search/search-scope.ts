import type { GroupId, SearchReach } from '@semblance/core'
import { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { idField } from '../fields/id-field.ts'

/** The limit is ours; the contract names none. */
const MAX_GROUPS = 1000

/** Default and limit are ours; the contract names none. docs/api.md tells both. */
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

export const groupIdsField = z.array(idField<GroupId>('Group id.')).max(MAX_GROUPS).nullish()
export const thresholdField = z.number().min(0).max(2).nullish()
const targetFpirField = z.number().gt(0).lt(1).nullish()

/** Fields of every call that searches: where to look, and how far. */
export const searchScope = {
  groupIds: groupIdsField.meta({ description: 'Where to look; left out or empty: the whole gallery.' }),
  threshold: thresholdField.meta({
    description: 'Greatest distance, 0..2; smaller is stricter.',
    example: 1,
  }),
  limit: z
    .int()
    .min(1)
    .nullish()
    .meta({ description: 'Most persons, at most 1000; 100 if left out.', example: 10 }),
  targetFpir: targetFpirField.meta({
    description:
      'Ours, instead of threshold: the share of strangers for whom somebody may be found, above 0 and below 1. The distance comes from the number of images that are searched.',
    example: 0.01,
  }),
} as const

type SearchScope = { readonly [Field in keyof typeof searchScope]?: z.output<(typeof searchScope)[Field]> }

export function limitOf({ limit }: Pick<SearchScope, 'limit'>): number {
  return Math.min(limit ?? DEFAULT_LIMIT, MAX_LIMIT)
}

/** Says of which field it is wrong to be sent beside `targetFpir`; null: nothing is wrong. */
export function twoReaches(input: Pick<SearchScope, 'threshold' | 'targetFpir'>): string | null {
  return input.targetFpir != null && input.threshold != null
    ? 'cannot be sent together with threshold: each of them says how far to look'
    : null
}

/** What a job is told of it. A threshold of the request wins over a target of the server. */
export function searchScopeOf(
  input: SearchScope,
  config: Pick<ApiConfig, 'defaultThreshold' | 'targetFpir'>,
) {
  const target = input.targetFpir ?? (input.threshold == null ? config.targetFpir : null)
  return {
    groupIds: input.groupIds ?? [],
    threshold: input.threshold ?? config.defaultThreshold,
    ...(target === null ? {} : { targetFpir: target }),
    limit: limitOf(input),
  }
}

/** Fields of an answer to a search that was asked for a target. */
export const reachView = {
  threshold: z
    .number()
    .optional()
    .meta({ description: 'Ours, of a search by targetFpir: the distance that it came to.', example: 0.93 }),
  expectedFalseMatches: z.number().optional().meta({
    description:
      'Ours, of a search by targetFpir: so many images of strangers are to be expected within that distance, for each face.',
    example: 0.01,
  }),
} as const

export function viewReach(reach: SearchReach | undefined): {
  readonly threshold?: number
  readonly expectedFalseMatches?: number
} {
  if (reach === undefined) return {}
  const { threshold, expectedFalseMatches } = reach
  return { threshold, expectedFalseMatches: Number(expectedFalseMatches.toPrecision(3)) }
}
