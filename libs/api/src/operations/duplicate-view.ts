import type { OperationOf, OperationStore, Waiting } from '@semblance/core'
import { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import { operationView, viewOperation } from './operation-view.ts'

export const duplicatesView = z
  .object({
    ...operationView.shape,
    threshold: z.number(),
    groupIds: z.array(z.string().meta({ format: 'uuid' })),
    pairs: z.int().meta({ description: 'Pairs found so far, but for those of persons who are deleted.' }),
    isLimitReached: z.boolean().meta({
      description: 'The search ended early, because it may keep 100,000 pairs. Ask with a smaller threshold.',
    }),
  })
  .meta({ id: 'DuplicateSearch' })

export const duplicatesPage = z
  .object({
    items: z.array(duplicatesView),
    page: z.int(),
    totalPages: z.int(),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'DuplicateSearchPage' })

interface ViewDeps extends Pick<ApiDeps, 'clock'> {
  readonly operations: OperationStore
}

export async function viewDuplicates(
  { operations, clock }: ViewDeps,
  search: OperationOf<'find-duplicates'>,
  waiting: Waiting,
): Promise<z.infer<typeof duplicatesView>> {
  const { threshold, groupIds } = search.parameters
  const pairs = await operations.pairs.count(search.id, waiting)
  const { isLimitReached } = search
  return { ...viewOperation(search, clock.now()), threshold, groupIds: [...groupIds], pairs, isLimitReached }
}
