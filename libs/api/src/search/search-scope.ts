import type { GroupId } from '@semblance/core'
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
} as const

type SearchScope = { readonly [Field in keyof typeof searchScope]?: z.output<(typeof searchScope)[Field]> }

export function limitOf({ limit }: Pick<SearchScope, 'limit'>): number {
  return Math.min(limit ?? DEFAULT_LIMIT, MAX_LIMIT)
}

/** What a job is told of it. */
export function searchScopeOf(input: SearchScope, config: Pick<ApiConfig, 'defaultThreshold'>) {
  return {
    groupIds: input.groupIds ?? [],
    threshold: input.threshold ?? config.defaultThreshold,
    limit: limitOf(input),
  }
}
