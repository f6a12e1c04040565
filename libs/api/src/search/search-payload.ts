import type { ImageId, NewId, PersonId } from '@semblance/core'
import type { SearchPayload } from '@semblance/jobs'
import type { ApiConfig } from '../api-deps.ts'
import { cropOf } from '../fields/output-image-params.ts'
import type { SearchInput } from './search-request.ts'

/** Both from the wire contract, section 3. */
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

export function limitOf(input: SearchInput): number {
  return Math.min(input.limit ?? DEFAULT_LIMIT, MAX_LIMIT)
}

/** Everything but the picture, which is put aside first. Ids of a newcomer are made here, so that a repeated job makes one person. */
export function searchPayloadOf(
  input: SearchInput,
  origin: { readonly requestId: string; readonly newId: NewId; readonly config: ApiConfig },
): Omit<SearchPayload, 'picture'> {
  const { filter } = input
  return {
    requestId: origin.requestId,
    groupIds: input.groupIds ?? input.group_ids ?? [],
    field: filter == null ? null : { field: filter.field, op: filter.op, values: filter.value },
    threshold: input.threshold ?? input.max_distance ?? origin.config.defaultThreshold,
    limit: limitOf(input),
    detectAll: input.detectAll ?? false,
    crop: cropOf(input.outputImageParams),
    createPerson: newcomerOf(input, origin.newId),
  }
}

function newcomerOf(input: SearchInput, newId: NewId): SearchPayload['createPerson'] {
  const { createPerson } = input
  if (createPerson == null) return null
  return {
    personId: newId() as PersonId,
    imageId: newId() as ImageId,
    name: createPerson.name,
    metadata: createPerson.metadata ?? '{}',
    ttlSeconds: createPerson.ttl ?? null,
  }
}
