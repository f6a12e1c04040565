import type { ImageId, PersonId } from '@semblance/core'
import type { SearchEnrolledPayload, SearchPayload } from '@semblance/jobs'
import type { ApiConfig } from '../api-deps.ts'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { jobOriginOf } from '../endpoint/job-origin.ts'
import { gateInPayload, gateOf } from '../fields/gate-field.ts'
import { cropOf } from '../fields/output-image-params.ts'
import { metadataFiltersIn } from '../fields/person-filter.ts'
import type { SearchInput } from './search-request.ts'
import { searchScopeOf } from './search-scope.ts'

/** Everything but the picture, which is put aside first. Ids of a newcomer are made here, so that a repeated job makes one person. */
export function searchPayloadOf(
  input: SearchInput,
  origin: { readonly context: RequestContext; readonly config: ApiConfig },
): Omit<SearchPayload, 'picture'> {
  return {
    ...jobOriginOf(origin.context),
    ...queryOf(input, origin.config),
    detectAll: input.detectAll ?? false,
    crop: cropOf(input.outputImageParams),
    createPerson: newcomerOf(input, origin),
  }
}

/** The payload of a search by what is enrolled; null if the request brings a picture. */
export function searchEnrolledPayloadOf(
  input: SearchInput,
  origin: { readonly context: RequestContext; readonly config: ApiConfig },
): SearchEnrolledPayload | null {
  const enrolled = enrolledOf(input)
  if (enrolled === null) return null
  return {
    ...jobOriginOf(origin.context),
    enrolled,
    includeSelf: input.includeSelf ?? false,
    ...queryOf(input, origin.config),
  }
}

function enrolledOf({ personId, imageId }: SearchInput): SearchEnrolledPayload['enrolled'] | null {
  if (personId != null) return { kind: 'person', personId }
  return imageId == null ? null : { kind: 'image', imageId }
}

function queryOf(input: SearchInput, config: ApiConfig) {
  const { filter, limit, targetFpir } = input
  const filters = metadataFiltersIn(input.metadataFilter ?? {}) ?? []
  const metadata = filters.map(({ path, value }) => ({ path: [...path], value }))
  const groupIds = input.groupIds ?? input.group_ids
  const threshold = input.threshold ?? input.max_distance
  return {
    ...searchScopeOf({ groupIds, threshold, targetFpir, limit }, config),
    ...(metadata.length === 0 ? {} : { metadata }),
    field: filter == null ? null : { field: filter.field, op: filter.op, values: filter.value },
  }
}

function newcomerOf(
  { createPerson }: SearchInput,
  { context, config }: { readonly context: RequestContext; readonly config: ApiConfig },
): SearchPayload['createPerson'] {
  if (createPerson == null) return null
  return {
    personId: context.newId() as PersonId,
    imageId: context.newId() as ImageId,
    name: createPerson.name,
    metadata: createPerson.metadata ?? '{}',
    ttlSeconds: createPerson.ttl ?? null,
    ...gateInPayload(gateOf(createPerson.quality, config.enrollmentQuality)),
  }
}
