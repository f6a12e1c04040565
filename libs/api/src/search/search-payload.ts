import type { CropRequest, ImageId, NewId, PersonId } from '@semblance/core'
import type { SearchPayload } from '@semblance/jobs'
import type { ApiConfig } from '../api-deps.ts'
import type { SearchInput } from './search-request.ts'

/** Both from the wire contract, section 3. */
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** `crop.type` of the contract: width to height. */
const CROP_RATIOS = {
  0: { width: 3, height: 4 },
  1: { width: 4, height: 5 },
  2: { width: 2, height: 3 },
  3: { width: 1, height: 1 },
  4: { width: 7, height: 9 },
} as const satisfies Record<0 | 1 | 2 | 3 | 4, CropRequest['ratio']>

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
    groupIds: input.groupIds ?? [],
    field: filter == null ? null : { field: filter.field, op: filter.op, values: filter.value },
    threshold: input.threshold ?? origin.config.defaultThreshold,
    limit: limitOf(input),
    detectAll: input.detectAll ?? false,
    crop: cropOf(input),
    createPerson: newcomerOf(input, origin.newId),
  }
}

function cropOf(input: SearchInput): SearchPayload['crop'] {
  const crop = input.outputImageParams?.crop
  if (crop == null) return null
  return {
    ratio: CROP_RATIOS[crop.type ?? 0],
    size: crop.size == null ? null : { width: crop.size[0], height: crop.size[1] },
    padColor: crop.padColor ?? [0, 0, 0],
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
