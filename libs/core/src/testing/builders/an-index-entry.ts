import type { Descriptor } from '../../descriptor.ts'
import type { ImageId, PackId, PersonId } from '../../ids.ts'
import type { IndexEntry, IndexPayload, IndexQuery } from '../../ports/descriptor-index.ts'
import { TEST_PACK } from './a-descriptor.ts'
import { newTestId } from './new-test-id.ts'

/** Length of the contract's descriptors. */
export const SIGNS = 64

/**
 * A descriptor of `SIGNS` values, all 1/8 or -1/8: minus where `flipped` says. Two that differ in n places have the
 * cosine 1 - n/32 exactly, in float32 as well, so every correct index gives the same answer to the last digit.
 */
export function aSignDescriptor(flipped: readonly number[], packId: PackId = TEST_PACK): Descriptor {
  const values = new Float32Array(SIGNS).fill(1 / 8)
  for (const place of flipped) values[place] = -1 / 8
  return { packId, values }
}

/** At `cosine` to `aSignDescriptor([])`, for cosines of 1 - n/32. */
export function aSignDescriptorAt(cosine: number): Descriptor {
  return aSignDescriptor(Array.from({ length: Math.round((1 - cosine) * 32) }, (_, place) => place))
}

/** An image of a person of its own unless one is given, in no group. */
export function anIndexEntry(
  given: Partial<IndexPayload> & { readonly imageId?: ImageId; readonly descriptor?: Descriptor } = {},
): IndexEntry {
  const { imageId, descriptor, ...payload } = given
  return {
    imageId: imageId ?? newTestId<ImageId>(),
    descriptor: descriptor ?? aSignDescriptor([]),
    payload: {
      personId: newTestId<PersonId>(),
      groups: [],
      name: 'Ada',
      externalId: null,
      rev: 1,
      ...payload,
    },
  }
}

/** Everybody, the best ten, one image each. */
export function anIndexQuery(given: Partial<IndexQuery> = {}): IndexQuery {
  return {
    filter: { groups: null, field: null },
    minCosine: -1,
    limit: 10,
    imagesPerPerson: 1,
    exclude: [],
    ...given,
  }
}
